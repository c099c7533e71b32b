// Opening, closing, keys, listing.
#include "store.h"

#include "../base/utf8.h"
#include "context.h"
#include "create.h"
#include "padding.h"
#include "state.h"

namespace mmappickle::store {

namespace {

bool is_absolute(const std::string& path) {
  return path[0] == '/' || path[0] == '\\' || (path.size() > 1 && path[1] == ':');
}

// So that a later change of the working directory changes nothing.
std::string absolute(const std::string& path) {
  if (path.empty()) {
    throw Error(ErrorKind::io, "the path is empty", "Give the path of a file.");
  }
  return is_absolute(path) ? path : os::resolve(".") + "/" + path;
}

// The file's name on disk, too: who made the file may not have waited for that.
void settle_name(const std::string& path, os::SystemCalls& system) {
  try {
    os::sync_folder_of(path, system);
  } catch (const Error& error) {
    if (error.cause != "EACCES") throw;  // a folder that may not be read
  }
}

}  // namespace

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

std::unique_ptr<Store> Store::open(const std::string& path, const Options& options,
                                   os::SystemCalls& system) {
  return in_context(path, {}, [&] {
    auto state = std::make_unique<State>(absolute(path), options, system);
    if (options.create && !options.readonly) create(state->path, options, system);
    state->open_file();
    if (options.durable && !options.readonly) settle_name(state->path, system);
    std::unique_ptr<Store> store(new Store(std::move(state)));
    Reading check(*store);
    return store;
  });
}

const std::string& Store::path() const { return state_->path; }
bool Store::readonly() const { return state_->options.readonly; }
bool Store::is_open() const { return state_->file.is_open(); }

void Store::close() {
  const SessionGuard turn(*this);  // not under a session that goes on
  state_->file.close();
  state_->map.reset();
  state_->overwriter.reset();
  state_->index.clear();
  state_->fresh = false;
}

void Store::flush() {
  if (readonly()) return;
  in_context(path(), {}, [&] {
    const Reading reading(*this);  // the file that the path names now
    state_->file.sync();
  });
}

void check_key(std::string_view key) {
  if (key.size() > kMaxKeySize) {
    throw Error(ErrorKind::key,
                "the key is " + std::to_string(key.size()) + " bytes long in UTF-8",
                "A key has at most " + std::to_string(kMaxKeySize) + " bytes.");
  }
  const TextKind kind = classify_text(Bytes(key));
  if (kind == TextKind::invalid || kind == TextKind::surrogates) {
    throw Error(ErrorKind::key,
                "the key '" + escape_text(Bytes(key)) + "' is not valid UTF-8",
                "Give the key as text in UTF-8.");
  }
}

namespace {

std::vector<Listing> list_frames(const Image& file, const Index& index) {
  std::vector<Listing> listings;
  Padding padding;
  each_entry(file, [&](const Frame& frame) {
    Listing listing;
    listing.key = std::string(file.bytes(frame.key(), frame.key_size).text());
    const Index::Slot slot = index.find(listing.key);
    listing.live = slot != Index::kNone && index[slot].at == frame.at;
    listing.at = frame.at;
    listing.bytes = frame.length;
    if (listing.live && belongs(file, padding, frame)) {
      listing.bytes += padding.length;
      listings.back().padding = true;
    }
    padding = Padding{};
    is_padding(file, frame, padding);
    listings.push_back(std::move(listing));
  });
  return listings;
}

}  // namespace

std::uint64_t count_old_arrays(const Reading& reading) {
  if (reading.bare_heads() == 0) return 0;
  const Image file = reading.image();
  std::uint64_t count = 0;
  each_entry(file, [&](const Frame& frame) {
    numpy::ArrayEntry entry;
    std::string reason;
    const numpy::HeadKind kind =
        read_array_entry(file.slice(frame.body(), frame.body_size()), entry, reason);
    if (kind == numpy::HeadKind::array && !entry.portable) ++count;
  });
  return count;
}

std::vector<Listing> list_entries(const Reading& reading, bool dead) {
  const Index& index = reading.index();
  if (dead) return list_frames(reading.image(), index);
  std::vector<Listing> listings;
  listings.reserve(index.count());
  for (const Index::Slot slot : index.live()) {
    const Entry& entry = index[slot];
    Listing listing;
    listing.key = std::string(index.key(slot));
    listing.at = entry.at;
    listing.bytes = entry.padding + entry.length;
    listings.push_back(std::move(listing));
  }
  return listings;
}

}  // namespace mmappickle::store
