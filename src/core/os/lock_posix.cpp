#ifndef _WIN32

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <limits>

#include "native.h"

namespace mmappickle::os {

Outcome SystemCalls::try_lock(Native file, bool exclusive) {
  const int operation = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  if (::flock(static_cast<int>(file), operation) == 0) return {};
  return {errno == EWOULDBLOCK ? EAGAIN : errno};
}

// Of an open file, as flock's are, and beside them; at a byte where no file ends.
Outcome SystemCalls::queue(Native file, bool exclusive, Queue what, bool& yes) {
#if defined(__linux__) && defined(F_OFD_SETLK)
  struct flock byte = {};
  byte.l_type = exclusive || what == Queue::look ? F_WRLCK : F_RDLCK;
  if (what == Queue::leave) byte.l_type = F_UNLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = std::numeric_limits<off_t>::max() - 1;
  byte.l_len = 1;
  const int command = what == Queue::look ? F_OFD_GETLK : F_OFD_SETLK;
  if (::fcntl(static_cast<int>(file), command, &byte) != 0) return {errno};
  yes = what != Queue::look || byte.l_type != F_UNLCK;
  return {};
#else
  (void)file, (void)exclusive, (void)what, (void)yes;
  return {EOPNOTSUPP};
#endif
}

// The system grants a lease for writing only then. Who opens the file just while we have
// it waits until it is given back, of which a signal tells: SIGIO, which would end the
// process, if no other is chosen.
Outcome SystemCalls::is_alone(Native file, bool& yes) {
  yes = false;
#if defined(__linux__) && defined(F_SETLEASE) && defined(F_SETSIG)
  const int descriptor = static_cast<int>(file);
  if (::fcntl(descriptor, F_SETSIG, SIGURG) != 0) return {errno};  // ignored by default
  if (::fcntl(descriptor, F_SETLEASE, F_WRLCK) != 0) return {errno};
  ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
  yes = true;
  return {};
#else
  (void)file;
  return {EOPNOTSUPP};
#endif
}

void native::unlock(Native file) {
  while (::flock(static_cast<int>(file), LOCK_UN) != 0 && errno == EINTR) {
  }
}

}  // namespace mmappickle::os

#endif
