// The lock that the Python library takes: flock on the file (Windows: LockFileEx on the
// same range).
#pragma once

#include <chrono>
#include <functional>

#include "file.h"

namespace mmappickle::os {

enum class Sharing { shared, exclusive };

// How somebody who locks a file again and again has done so lately: see Lock.
struct Turns {
  using Time = std::chrono::steady_clock::time_point;
  Time since{};  // when the run of locks without a pause began, or others were let in
  Time last{};   // when the last lock was given back
};

struct Wait {
  double timeout = -1;           // seconds; negative: for ever; 0: one attempt
  std::function<void()> poll{};  // called between attempts; may throw Interrupted
  Turns* turns = nullptr;        // lives as long as the lock
};

// Held from construction to destruction, on a File that must live (and stay open) at
// least as long; the File may be moved. A lock that does not come in time is an Error of
// kind busy; a file system that refuses locks one of kind io with cause "ENOLCK",
// "EOPNOTSUPP" ...
//
// Waiting is trying again, with pauses that grow with the time waited (up to 5 ms). flock
// knows no order: who locks a file all the time, alone or with others who share the lock,
// would keep out who wants it now and then. So one who has waited for a turn's time (1
// ms) says so, by a lock on a byte that nothing else locks (SystemCalls::queue()); and
// who has had the lock again and again for as long (`turns`) looks there, and stands back
// until that one has it. Nobody else pays for it, and where there is no such lock, or
// somebody does not care, it is as it was.
class Lock {
 public:
  Lock() = default;
  Lock(const File& file, Sharing sharing, const Wait& wait);
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();
  bool held() const { return native_ != kNoNative; }

 private:
  void give_back();

  Native native_ = kNoNative;
  Turns* turns_ = nullptr;
};

}  // namespace mmappickle::os
