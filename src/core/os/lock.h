// The lock that the Python library takes: flock on the file (Windows: LockFileEx on the
// same range).
#pragma once

#include <functional>

#include "file.h"

namespace mmappickle::os {

enum class Sharing { shared, exclusive };

struct Wait {
  double timeout = -1;           // seconds; negative: for ever; 0: one attempt
  std::function<void()> poll{};  // called between attempts; may throw Interrupted
};

// Held from construction to destruction, on a File that must live (and stay open) at
// least as long; the File may be moved. A lock that does not come in time is an Error of
// kind busy; a file system that refuses locks one of kind io with cause "ENOLCK",
// "EOPNOTSUPP" ... Waiting polls with a growing pause (0.1 ms to 20 ms).
class Lock {
 public:
  Lock() = default;
  Lock(const File& file, Sharing sharing, const Wait& wait);
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&& other) noexcept;
  ~Lock();
  bool held() const { return native_ != kNoNative; }

 private:
  Native native_ = kNoNative;
};

}  // namespace mmappickle::os
