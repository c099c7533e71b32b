#ifndef _WIN32

#include <sys/file.h>

#include <cerrno>

#include "native.h"

namespace mmappickle::os {

Outcome SystemCalls::try_lock(Native file, bool exclusive) {
  const int operation = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  if (::flock(static_cast<int>(file), operation) == 0) return {};
  return {errno == EWOULDBLOCK ? EAGAIN : errno};
}

void native::unlock(Native file) {
  while (::flock(static_cast<int>(file), LOCK_UN) != 0 && errno == EINTR) {
  }
}

}  // namespace mmappickle::os

#endif
