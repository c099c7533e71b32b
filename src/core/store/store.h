// An mmapdict file that is open. All access goes through sessions: a Reading holds the
// shared lock, a Writing the exclusive one; each begins with an index that is as fresh as
// the file, and opens the file anew where this process came out of a fork, or the path
// names another file now (vacuum). One session at a time on one Store.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "../base/image.h"
#include "../base/runs.h"
#include "../numpy/array_form.h"
#include "../numpy/stored_value.h"
#include "../os/lock.h"
#include "../os/map.h"
#include "index.h"

namespace mmappickle::store {

struct Options {
  bool readonly = false;
  bool create = true;        // make the file if it is absent
  bool durable = false;      // data on disk before each commit shows
  double lock_timeout = -1;  // seconds; negative: for ever
  // Called while a lock is awaited, between the chunks of large copies, and where a tree
  // is large (Tree::poll()); may throw Interrupted.
  std::function<void()> poll{};
  // Called when the file system refuses locks to a reader: reading goes on without.
  std::function<void(const std::string&)> warn_lock{};
};

// One value, as it lies in the file.
struct Loaded {
  Loaded() = default;
  explicit Loaded(const std::function<void()>& poll) : tree(poll) {}
  bool is_array = false;  // an array entry: `array` counts; else tree and value
  numpy::Array array;
  bool portable = false;
  bool whole = true;     // see numpy::ArrayEntry
  numpy::Growth growth;  // of an array that grows, with offsets of the file
  pickle::Tree tree;
  pickle::Id value = pickle::kNoId;
  pickle::Id metadata = pickle::kNoId;  // in `tree`, for both
  // The value's own opcodes, if they may stand in any entry; or, of a value that is no
  // entry's, the whole pickle, if pickle.load() can load it. Else empty.
  Bytes opcodes, pickle;
  std::uint64_t bytes = 0;  // that value and metadata take
  Frame frame;              // of the entry, in an mmapdict of that commit number; else
  std::int32_t number = 0;  // its length is 0
  // Keeps alive whatever array and tree point into. Null with an array whose data are not
  // mapped (and null): they are read from the file.
  std::shared_ptr<os::Mapping> mapping;
  // Of an array entry: where its data, and its mask's (0: nothing is masked), begin in
  // the file.
  numpy::Place place;
  // With an array that is not mapped: the whole file.
  std::shared_ptr<const Source> file;
  // Of an entry of a Store: maps that cover the file's header, the entry's head and its
  // tail, by which it can be told later whether it still stands.
  struct Witness {
    std::shared_ptr<os::Mapping> header, head, tail;
  } witness;
};

class Store;
struct CopiedEntry;  // copy.h
// A part of the file: {offset, size}.
using Range = std::pair<std::uint64_t, std::uint64_t>;

// From construction to destruction no other session may begin on the Store: Error of
// kind busy. (A second lock through the same descriptor would only change the first one,
// and its end release it.)
class SessionGuard {
 public:
  explicit SessionGuard(Store& store);
  SessionGuard(const SessionGuard&) = delete;
  ~SessionGuard();

 private:
  Store& store_;
};

// Not movable; lives on the stack of one call. No R code runs while one is alive, but for
// what shows the progress of a vacuum.
class Reading {
 public:
  explicit Reading(Store& store);
  Reading(const Reading&) = delete;

  const Index& index() const;
  // Error of kind key if absent, with the nearest keys as hint.
  Index::Slot require(std::string_view key) const;
  // In a map that views may be made of.
  Loaded load(Index::Slot slot) const;
  // As far as to see what array it is, good for this session: the data of an array entry
  // are not mapped, all else lies in a map that nobody is given.
  Loaded look(Index::Slot slot) const;
  // The whole file up to its end, as its structure is read: good for this session.
  Image image() const;
  // The file's bytes as they are now; good for this session.
  const os::File& file() const;
  const std::string& path() const;
  // A map of the whole file through which the elements of an array may be read in this
  // session, by offsets in the file; what was read counts only if it is not damaged after
  // that. Null where there is none: they are to be read from file().
  std::shared_ptr<const os::Mapping> map_to_read(const Frame& frame) const;
  std::int32_t commit_number() const;
  std::uint64_t file_size() const;
  // Bytes of dead entries (a live entry's padding is not counted).
  std::uint64_t dead_bytes() const;
  os::Status status() const;
  // Entries with the head of an array that no padding hides (Walk::bare_heads): as the
  // file was when its index was made.
  std::uint64_t bare_heads() const;

 protected:
  Reading(Store& store, os::Sharing sharing);
  void settle() const;  // see Store::State
  // load() or look() at an entry, if it stands as the index has it.
  Loaded checked(Index::Slot slot, bool for_views) const;
  Store& store_;
  SessionGuard guard_;
  os::Lock lock_;
};

class Writing : public Reading {
 public:
  // Error of kind readonly for a read-only handle, stale where the path names no file any
  // more. Heals what an interrupted writer left.
  explicit Writing(Store& store);
  ~Writing();

  // Inserts or replaces: committed when it returns; on any Error (or Interrupted) the
  // keys and values are as they were, or (an error after the commit) as they were to be.
  void put(std::string_view key, const numpy::StoredValue& stored_value);
  // Deletes. Error of kind key if absent.
  void erase(std::string_view key);
  // All of them or none; each by a commit of its own.
  void erase(const std::vector<std::string>& keys);
  // Copies entries under other keys, file to file: {from, to}. They show all at once, in
  // the place of what had their keys. `from`: this session, or one of another file.
  // With `move` the others of this session that were copied are deleted then: a crash
  // between leaves these under both keys. Error of kind key where a key is absent, given
  // twice, or there already (unless `overwrite`, or it moves away itself).
  using Names = std::vector<std::pair<std::string, std::string>>;
  void copy(const Reading& from, const Names& names, bool overwrite, bool move = false);
  // If the stored value is the array entry's own array, maybe with other R metadata:
  // gives these to it, in place if there is room, and true.
  bool put_metadata(std::string_view key, const numpy::StoredValue& stored_value);
  // Overwrites data in place, at offsets in the file that look() told in this session.
  void overwrite(const Runs& runs);
  // Commits rows that were written behind the last one of a growing array, in its room:
  // from now on it has so many. `growth`: as look() told in this session.
  void set_length(std::string_view key, const numpy::Growth& growth,
                  std::uint64_t length);
  // Gives the disk space of what was the key's array before back, if it is large and
  // nobody can see it: see os::File::is_alone(). What this descriptor's own maps show
  // `in_use` (may be empty) tells, of an entry's range. No error: what is left is there
  // for reclaim().
  void empty_dead(std::string_view key, const std::function<bool(const Range&)>& in_use);
  // To disk, if the handle is durable.
  void sync();
  // For replace_file(): gives up the lock, the file and its maps. The session is over,
  // but for the file that is opened anew when it ends.
  void let_go();

 private:
  void renew();  // after an error in this session
  void heal();
  void restore_terminator(std::uint64_t at);
  void raise_number();
  void append(const Output& output, std::uint64_t state_at,
              const std::function<void()>& confirm);
  void append_live(Output& output, const std::vector<CopiedEntry>& entries,
                   const std::vector<std::string>& keys,
                   const std::function<void()>& confirm);
  Output behind_bridge() const;
  void bridge();
  void kill(const Entry& entry);
  void write_in_page(const Output& output);

  bool changed_ = false;
};

class Store {
 public:
  // Opens (or creates) the file; errors of kind io, format, busy.
  // Creation is atomic: whole, or not there.
  static std::unique_ptr<Store> open(const std::string& path, const Options& options,
                                     os::SystemCalls& system = os::real_system_calls());
  ~Store();

  const std::string& path() const;  // absolute, links not resolved
  bool readonly() const;
  bool is_open() const;
  void close();  // idempotent; live mappings stay
  void flush();  // to disk

 private:
  friend class SessionGuard;
  friend class Reading;
  friend class Writing;
  friend class Follower;
  friend std::vector<std::string> vacuum(Store&, bool, bool,
                                         const std::function<void(double)>&, bool);
  friend std::uint64_t reclaim(Store&, bool, const std::function<bool(const Range&)>&);
  struct State;
  std::unique_ptr<State> state_;
  explicit Store(std::unique_ptr<State> state);
};

// Writing::copy() from one Store to another, or within one, whether or not they have the
// same file open. Locks both files.
void copy(Store& from, Store& to, const Writing::Names& names, bool overwrite, bool move);

// Error of kind key for what cannot be one: more than 255 bytes, no UTF-8.
void check_key(std::string_view key);

// Arrays in the Python library's own form among the entries, live or dead: what
// pickle.load of NumPy 2.3 and newer cannot read. O(1) for a file without any.
std::uint64_t count_old_arrays(const Reading& reading);

// What entries() shows of an entry without reading its value; `dead` ones too.
struct Listing {
  std::string key;
  bool live = true;
  std::uint64_t at = 0, bytes = 0;  // with padding
  bool padding = false;             // a padding entry (listed only with dead ones)
};
std::vector<Listing> list_entries(const Reading& reading, bool dead);

}  // namespace mmappickle::store
