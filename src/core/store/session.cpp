// How sessions begin: lock, the right file, a fresh index.
#include <chrono>
#include <cstring>

#include "../base/utf8.h"
#include "../os/file_source.h"
#include "context.h"
#include "state.h"
#include "suggest.h"

namespace mmappickle::store {

void Store::State::open_file() {
  file = os::File::open(path, options.readonly ? os::Access::read : os::Access::write,
                        *system);
  opened();
}

void Store::State::opened() {
  process = os::process_id();
  in_memory = file.in_memory();
}

os::Lock Store::State::begin(os::Sharing sharing) {
  if (!file.is_open()) {
    throw Error(ErrorKind::closed, "the handle of '" + path + "' is closed",
                "Open the file again with mmapdict().");
  }
  // A lock taken through a descriptor that came through a fork excludes nobody.
  if (process != os::process_id()) open_file();
  Relocked locked = lock_again(file, path, sharing, options, *system);
  if (!locked.lock.held()) options.warn_lock = nullptr;  // once
  if (locked.is_another) {
    opened();
    map.reset();
    overwriter.reset();
    shared_source.reset();
    fresh = false;
  }
  if (locked.is_gone && sharing == os::Sharing::exclusive) {
    throw Error(ErrorKind::stale,
                "'" + path + "' was removed or renamed: what is written would be lost",
                "Move the file back, or open it under its new name.");
  }
  refresh();
  return std::move(locked.lock);
}

// Two changes within one tick of the file system's clock have the same time.
void Store::State::take_fingerprint(const os::Status& status) {
  constexpr std::int64_t kTick = 20000000;  // of the coarsest clock, twice, in ns
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  known.identity = status.identity;
  known.size = status.size;
  known.mtime_ns = status.mtime_ns;
  known.ctime_ns = status.ctime_ns;
  known.young = now - status.ctime_ns < kTick;
}

// The Python library's vacuum sets the number back, and changes of the same lengths bring
// it and the size round again; within a tick that takes a number that few changes reach.
bool Store::State::is_as_known(const os::Status& status) {
  constexpr std::int32_t kReachedInATick = 128;
  if (status.identity != known.identity || status.size != known.size ||
      status.mtime_ns != known.mtime_ns || status.ctime_ns != known.ctime_ns ||
      commit_number(image()) != known.number) {
    return false;
  }
  return !known.young || known.number < 0 || known.number > kReachedInATick;
}

void Store::State::refresh() {
  const os::Status status = file.status();
  if (fresh && is_as_known(status)) return;
  fresh = false;
  if (!system->maps_follow_files()) map.reset();
  size = status.size;
  take_fingerprint(status);
  const Image file_image = image();
  found = walk(file_image, index);
  known.number = commit_number(file_image);
  if (map) check_uncut(*map);
  fresh = true;
}

void Store::State::remember() {
  take_fingerprint(file.status());
  if (!system->maps_follow_files()) map.reset();
}

void Store::State::cut(std::uint64_t end) {
  map.reset();
  file.truncate(end);
  size = end;
}

Image Store::State::image() {
  const bool serves =
      map && map->size() >= size && map->identity() == known.identity && !map->damaged();
  if (!serves) {
    map.reset();
    if (os::Mapping::is_affordable(size)) map = os::Mapping::of(file, size);
  }
  if (map) return Bytes(map->data(), size);
  pieces.begin(file, size);
  return Image(pieces, size);
}

std::shared_ptr<os::Mapping> Store::State::map_of(const Frame& frame) {
  if (map && map->covers(frame.at, frame.length)) return map;
  return os::Mapping::of_range(file, frame.at, frame.length, false);
}

Loaded::Witness Store::State::witness_of(const Frame& frame) {
  if (map && map->covers(frame.at, frame.length)) return {map, map, map};
  if (!header || header->identity() != known.identity || header->damaged()) {
    header = os::Mapping::of_range(file, 0, kHeaderSize, false);
  }
  const std::uint64_t head = kEntryHead + frame.key_size;
  return {header, os::Mapping::of_range(file, frame.at, head, false),
          os::Mapping::of_range(file, frame.end() - kTailSize, kTailSize, false)};
}

std::shared_ptr<const Source> Store::State::source() {
  std::shared_ptr<const Source> source = shared_source.lock();
  if (source && source->size() >= size) return source;
  auto opened =
      std::make_shared<const os::File>(os::File::open(path, os::Access::read, *system));
  if (opened->status().identity != known.identity) {
    throw Error(ErrorKind::stale, "'" + path + "' was replaced while it was read",
                "Try again.");
  }
  source = os::file_source(std::move(opened), 0, size);
  shared_source = source;
  return source;
}

bool Store::State::stands(Index::Slot slot) {
  const Frame frame = index[slot].frame();
  const std::string_view key = index.key(slot);
  const Image file_image = image();
  if (!file_image.holds(frame.at, frame.length)) return false;
  const Bytes head = file_image.bytes(frame.at, kEntryHead + frame.key_size);
  return head[0] == Bytes(kTerminator)[0] &&
         load_u64(head.data + 1) == frame.length - kFrameHead &&
         head[10] == frame.key_size && head.from(kEntryHead).starts_with(key) &&
         file_image[frame.state_at()] == kLive;
}

SessionGuard::SessionGuard(Store& store) : store_(store) {
  Store::State& state = *store_.state_;
  if (state.in_session) {
    Error error(ErrorKind::busy,
                "'" + state.path + "' is in use by a call that has not ended",
                "Use the handle again when that call, a vacuum for example, is over.");
    error.path = state.path;
    throw error;
  }
  state.in_session = true;
}

SessionGuard::~SessionGuard() { store_.state_->in_session = false; }

Reading::Reading(Store& store) : Reading(store, os::Sharing::shared) {}

Reading::Reading(Store& store, os::Sharing sharing) : store_(store), guard_(store) {
  Store::State& state = *store.state_;
  in_context(state.path, {}, [&] { lock_ = state.begin(sharing); });
}

const Index& Reading::index() const { return store_.state_->index; }

Index::Slot Reading::require(std::string_view key) const {
  Store::State& state = *store_.state_;
  return in_context(state.path, key, [&] {
    Index::Slot slot = state.index.find(key);
    if (slot != Index::kNone && !state.stands(slot)) {
      state.fresh = false;  // changed, with the fingerprint as it was
      state.refresh();
      slot = state.index.find(key);
    }
    if (slot == Index::kNone) {
      throw Error(
          ErrorKind::key,
          "there is no key \"" + escape_text(Bytes(key)) + "\" in '" + state.path + "'",
          suggest(state.index, key));
    }
    return slot;
  });
}

Image Reading::image() const { return store_.state_->image(); }
const os::File& Reading::file() const { return store_.state_->file; }

std::int32_t Reading::commit_number() const { return store_.state_->known.number; }
std::uint64_t Reading::file_size() const { return store_.state_->size; }
std::uint64_t Reading::dead_bytes() const { return store_.state_->found.dead_bytes; }
std::uint64_t Reading::bare_heads() const { return store_.state_->found.bare_heads; }
os::Status Reading::status() const { return store_.state_->file.status(); }

}  // namespace mmappickle::store
