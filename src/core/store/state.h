// What an open Store holds; for the files of this room only.
#pragma once

#include <chrono>
#include <vector>

#include "../os/overwriter.h"
#include "../os/pieces.h"
#include "locked_file.h"
#include "store.h"
#include "walk.h"

namespace mmappickle::store {

// Error of kind limit if files cannot be so large.
void check_size(const Output& output);

struct Store::State {
  using Clock = std::chrono::steady_clock;
  // Stands for the content of the file as far as the index goes.
  struct Fingerprint {
    os::Identity identity;
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0, ctime_ns = 0;
    std::int32_t number = 0;
    // Taken so soon after a change that a later one may bear the same time.
    bool young = false;
    // When the file was last seen to be so under a lock; or never.
    Clock::time_point seen{};
  };

  State(std::string path, const Options& options, os::SystemCalls& system)
      : path(std::move(path)), options(options), system(&system) {}

  const std::string path;
  Options options;
  os::SystemCalls* const system;
  os::File file;
  std::uint64_t process = 0;  // that opened `file`
  bool in_memory = false;     // os::File::in_memory()
  // Of such a file: a part that had no holes when its number was `solid_at`.
  os::File::Range solid{0, 0};
  std::int32_t solid_at = 0;
  bool in_session = false;  // see SessionGuard
  os::Turns turns;          // of its locks

  // The file is read through one read-only map, or, where that would take too much
  // address space, piece by piece and entry by entry.
  std::shared_ptr<os::Mapping> map;
  os::Pieces pieces;
  std::shared_ptr<os::Mapping> header;  // where there is no such map
  os::Overwriter overwriter;            // what slices are written through

  bool fresh = false;  // `known`, `size`, `found` and `index` are the file's
  // In this session, as far as the file's number, size and end tell: only its times are
  // others, as after a slice was written. What needs more than one entry, which stands()
  // looks at, settles it first.
  bool doubtful = false;
  Fingerprint known;
  std::uint64_t size = 0;
  Walk found;
  Index index;

  // -- sessions (session.cpp): start with begin(); all else is done under the lock ------
  // Takes the lock; opens the file anew where that is needed; refreshes the index.
  os::Lock begin(os::Sharing sharing);
  void open_file();
  void opened();
  void refresh(const os::Status& status, bool locked);
  // The same, after a walk.
  void walk_again();
  void settle();
  // As found by fstat, after writes of our own.
  void remember();
  void take_fingerprint(const os::Status& status);
  bool has_known_times(const os::Status& status) const;
  bool dead_stay_dead(const Fingerprint& before, std::int32_t number,
                      Clock::time_point now) const;
  bool has_known_end();
  // Cuts the file. Windows cuts none that is mapped: our own map is given up.
  void cut(std::uint64_t end);
  // The whole file, for this session.
  Image image();
  // A map that covers the frame.
  std::shared_ptr<os::Mapping> map_of(const Frame& frame);
  Loaded::Witness witness_of(const Frame& frame);
  // The whole file, read through a descriptor that outlives the Store.
  std::shared_ptr<const Source> source();
  std::weak_ptr<const Source> shared_source;  // of `known.identity`
  // True if the entry stands in the file as the index has it, and is live.
  bool stands(Index::Slot slot);
};

}  // namespace mmappickle::store
