// What changed in a file between one look and the next.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store.h"

namespace mmappickle::store {

struct KeyChange {
  enum Kind {
    added,
    removed,
    replaced,  // by another value, or moved: what was read of it is the old one
    grown,     // the array at the same place has another shape
    written,   // some array, or what no reader sees: the key is empty
  };
  std::string key;
  Kind kind;
};

// On a Store, which must live longer. Follows from the Store's last look at the file on.
class Follower {
 public:
  explicit Follower(Store& store);

  // What changed since the last call that gave something; empty: nothing. The path is
  // asked for its status; only where that tells of a change a session is begun. If it has
  // to wait longer than so many seconds (negative: for ever) for the lock, nothing has
  // changed yet; if longer than the Store's own options say, Error of kind busy. Nor has
  // anything changed where the path names nothing.
  //
  // Two changes within one tick of the file system's clock may have the same time. So
  // that the later one is not missed, the tick is waited for, if it takes no longer than
  // `patience` seconds (the first time at least a tick); if it does the next calls take a
  // second look, and what may have been hidden is told as written.
  std::vector<KeyChange> look(double lock_timeout, double patience);

 private:
  struct Seen {
    std::uint64_t at = 0, length = 0;
    numpy::Shape shape{};  // of an array entry
    bool operator==(const Seen& o) const { return at == o.at && length == o.length; }
  };
  using Entries = std::map<std::string, Seen>;
  std::vector<KeyChange> compare(const Reading& reading);

  Store& store_;
  bool begun_ = false;
  os::Status status_;  // when `entries_` was made
  Entries entries_;
  bool doubtful_ = false;  // a later change may have the same status
};

// A text that differs when the file that `path` names was changed, or is another.
std::string state_of_file(const std::string& path,
                          os::SystemCalls& system = os::real_system_calls());

}  // namespace mmappickle::store
