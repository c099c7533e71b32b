// How sessions begin: lock, the right file, a fresh index.
#include <chrono>
#include <cstring>

#include "../base/utf8.h"
#include "context.h"
#include "state.h"
#include "suggest.h"

namespace mmappickle::store {

namespace {

// A map of the file as it is now, kept as long as it serves.
void map(std::shared_ptr<os::Mapping>& mapping, const os::File& file,
         const os::Identity& identity, std::uint64_t size) {
  if (mapping && mapping->size() >= size && mapping->identity() == identity &&
      !mapping->damaged()) {
    return;
  }
  mapping = os::Mapping::of(file, size);
}

}  // namespace

void Store::State::open_file() {
  file = os::File::open(path, options.readonly ? os::Access::read : os::Access::write,
                        *seam);
  process = os::process_id();
}

os::Lock Store::State::begin(os::Sharing sharing) {
  constexpr int kAttempts = 100;
  for (int attempt = 0;; ++attempt) {
    if (!file.is_open()) {
      throw Error(ErrorKind::closed, "the handle of '" + path + "' is closed",
                  "Open the file again with mmapdict().");
    }
    // A lock taken through a descriptor that came through a fork excludes nobody.
    if (process != os::process_id()) open_file();
    os::Lock held = lock_file(file, sharing, options);
    if (!held.held()) options.warn_lock = nullptr;  // once
    bool exists = false;
    const os::Status named = os::status_of(path, exists, *seam);
    if (exists && named.identity != file.status().identity) {
      held = os::Lock();
      if (attempt == kAttempts) {
        throw Error(ErrorKind::stale, "'" + path + "' is replaced again and again",
                    "Try again when the other processes have finished.");
      }
      open_file();
      frames.reset();
      views.reset();
      fresh = false;
      continue;
    }
    if (!exists && sharing == os::Sharing::exclusive) {
      throw Error(ErrorKind::stale,
                  "'" + path + "' was removed or renamed: what is written would be lost",
                  "Move the file back, or open it under its new name.");
    }
    refresh();
    return held;
  }
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
      commit_number(bytes()) != known.number) {
    return false;
  }
  return !known.young || known.number < 0 || known.number > kReachedInATick;
}

void Store::State::refresh() {
  const os::Status status = file.status();
  if (fresh && is_as_known(status)) return;
  fresh = false;
  if (!os::Mapping::follows_file()) {
    frames.reset();
    views.reset();
  }
  size = status.size;
  take_fingerprint(status);
  const Bytes file_bytes = bytes();
  found = walk(file_bytes, index);
  known.number = commit_number(file_bytes);
  if (frames->damaged()) {
    throw Error(ErrorKind::stale, "the file was cut while it was read", "Try again.");
  }
  fresh = true;
}

void Store::State::remember() {
  take_fingerprint(file.status());
  if (os::Mapping::follows_file()) return;
  frames.reset();
  views.reset();
}

Bytes Store::State::bytes() {
  map(frames, file, known.identity, size);
  return Bytes(frames->data(), size);
}

std::shared_ptr<os::Mapping> Store::State::view_of(const Entry& entry) {
  map(views, file, known.identity, size);
  // Somebody may have written into pages of this map: then a new one is needed.
  const Frame frame = entry.frame();
  const std::uint8_t* ours = bytes().data;
  const std::uint8_t* theirs = views->data();
  if (std::memcmp(ours + frame.at, theirs + frame.at, kEntryHead + frame.key_size) != 0 ||
      std::memcmp(ours + frame.end() - kTailSize, theirs + frame.end() - kTailSize,
                  kTailSize) != 0) {
    views = os::Mapping::of(file, size);
  }
  return views;
}

bool Store::State::stands(Index::Slot slot) {
  const Frame frame = index[slot].frame();
  const std::string_view key = index.key(slot);
  const Bytes file_bytes = bytes();
  if (!file_bytes.holds(frame.at, frame.length)) return false;
  const Bytes entry = file_bytes.slice(frame.at, frame.length);
  return entry[0] == Bytes(kTerminator)[0] &&
         load_u64(entry.data + 1) == frame.length - kFrameHead &&
         entry[10] == frame.key_size && entry.from(kEntryHead).starts_with(key) &&
         entry[frame.length - 2] == kLive;
}

Turn::Turn(Store& store) : store_(store) {
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

Turn::~Turn() { store_.state_->in_session = false; }

Reading::Reading(Store& store) : Reading(store, os::Sharing::shared) {}

Reading::Reading(Store& store, os::Sharing sharing) : store_(store), turn_(store) {
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
          "there is no key '" + escape_text(Bytes(key)) + "' in '" + state.path + "'",
          suggest(state.index, key));
    }
    return slot;
  });
}

Bytes Reading::file() const { return store_.state_->bytes(); }

std::shared_ptr<os::Mapping> Reading::mapping() const {
  Store::State& state = *store_.state_;
  map(state.views, state.file, state.known.identity, state.size);
  return state.views;
}

std::int32_t Reading::commit_number() const { return store_.state_->known.number; }
std::uint64_t Reading::file_size() const { return store_.state_->size; }
std::uint64_t Reading::dead_bytes() const { return store_.state_->found.dead_bytes; }
std::uint64_t Reading::bare_heads() const { return store_.state_->found.bare_heads; }
os::Status Reading::status() const { return store_.state_->file.status(); }

}  // namespace mmappickle::store
