// How sessions begin: lock, the right file, a fresh index.
#include <cstring>

#include "../base/utf8.h"
#include "../os/file_source.h"
#include "../os/tick.h"
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
  solid = {0, 0};
}

os::Lock Store::State::begin(os::Sharing sharing) {
  if (!file.is_open()) {
    throw Error(ErrorKind::closed, "the handle of '" + path + "' is closed",
                "Open the file again with mmapdict().");
  }
  // A lock taken through a descriptor that came through a fork excludes nobody.
  if (process != os::process_id()) open_file();
  file.ask_limit_again();
  Relocked locked = lock_again(file, path, sharing, options, turns, *system);
  if (!locked.lock.held()) options.warn_lock = nullptr;  // once
  if (locked.is_another) {
    opened();
    map.reset();
    overwriter.reset();
    shared_source.reset();
    index.clear();
    found = Walk{};
    fresh = false;
  }
  if (locked.is_gone && sharing == os::Sharing::exclusive) {
    throw Error(ErrorKind::stale,
                "'" + path + "' was removed or renamed: what is written would be lost",
                "Move the file back, or open it under its new name.");
  }
  refresh(locked.status, locked.lock.held());
  return std::move(locked.lock);
}

void Store::State::take_fingerprint(const os::Status& status) {
  known.identity = status.identity;
  known.size = status.size;
  known.mtime_ns = status.mtime_ns;
  known.ctime_ns = status.ctime_ns;
  known.young = os::is_young(status);
}

// The Python library's vacuum sets the number back, and changes of the same lengths bring
// it and the size round again; within a tick that takes a number that few changes reach.
bool Store::State::has_known_times(const os::Status& status) const {
  constexpr std::int32_t kReachedInATick = 128;
  return status.mtime_ns == known.mtime_ns && status.ctime_ns == known.ctime_ns &&
         (!known.young || known.number < 0 || known.number > kReachedInATick);
}

// True if nobody can have vacuumed by the Python library since the file was seen last:
// that alone puts something live where something dead stood, and it sets the number back
// to 0 or 1. As many changes as bring it up again take more time than went by, on this
// machine's clock and on the file's. (A change is half a dozen system calls. The file's
// clock goes on while this machine sleeps.)
bool Store::State::dead_stay_dead(const Fingerprint& before, std::int32_t number,
                                  Clock::time_point now) const {
  constexpr std::chrono::nanoseconds kFastestChange(250);
  constexpr std::int64_t kLongest = 50 * os::kTick;
  const std::int64_t file_time = known.ctime_ns - before.ctime_ns;
  return before.seen != Clock::time_point() && before.number > 0 &&
         number > before.number && now - before.seen < number * kFastestChange &&
         file_time >= 0 && file_time < kLongest;
}

bool Store::State::has_known_end() {
  return !found.torn && found.duplicates.empty() &&
         size == found.terminator + kTerminatorSize &&
         image().from(found.terminator).starts_with(kTerminator);
}

void Store::State::refresh(const os::Status& status, bool locked) {
  const Clock::time_point now = Clock::now();
  const Clock::time_point seen = locked ? now : Clock::time_point();
  doubtful = false;
  // Such a map may be older than what others wrote last, the number in it, too.
  if (!system->maps_follow_files()) map.reset();
  const bool is_same_file = fresh && status.identity == known.identity;
  if (is_same_file && status.size == known.size &&
      commit_number(image()) == known.number) {
    doubtful = !has_known_times(status);
    if (!doubtful) known.seen = seen;
    if (!doubtful || has_known_end()) return;
    doubtful = false;
  }
  fresh = false;
  size = status.size;
  const Fingerprint before = known;
  take_fingerprint(status);  // image() goes by it
  const Image file_image = image();
  const bool dead_stay = is_same_file && locked && size >= kHeaderSize &&
                         dead_stay_dead(before, commit_number(file_image), now);
  found = walk(file_image, index, found, dead_stay);
  known.number = commit_number(file_image);
  known.seen = seen;
  if (map) check_uncut(*map);
  fresh = true;
}

void Store::State::walk_again() {
  fresh = false;
  refresh(file.status(), false);
}

void Store::State::settle() {
  if (doubtful) walk_again();
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
  Frame frame = index[slot].frame();
  return still_stands(image(), frame, index.key(slot)) && frame.state == kLive;
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

void Reading::settle() const {
  Store::State& state = *store_.state_;
  in_context(state.path, {}, [&] { state.settle(); });
}

const Index& Reading::index() const {
  settle();
  return store_.state_->index;
}

Index::Slot Reading::require(std::string_view key) const {
  Store::State& state = *store_.state_;
  return in_context(state.path, key, [&] {
    Index::Slot slot = state.index.find(key);
    const bool is_changed = slot != Index::kNone && !state.stands(slot);
    if (is_changed || (slot == Index::kNone && state.doubtful)) {
      state.walk_again();
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

// Settled first: to walk again would map anew where maps do not follow their file.
Image Reading::image() const {
  settle();
  return store_.state_->image();
}
const os::File& Reading::file() const { return store_.state_->file; }

const std::string& Reading::path() const { return store_.path(); }
std::int32_t Reading::commit_number() const { return store_.state_->known.number; }
std::uint64_t Reading::file_size() const { return store_.state_->size; }
std::uint64_t Reading::dead_bytes() const {
  settle();
  return store_.state_->found.dead_bytes;
}
std::uint64_t Reading::bare_heads() const {
  settle();
  return store_.state_->found.bare_heads;
}
os::Status Reading::status() const { return store_.state_->file.status(); }

}  // namespace mmappickle::store
