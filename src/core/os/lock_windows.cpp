#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "native.h"

namespace mmappickle::os {
namespace {

// The range that the Python library locks, from offset 0 on: it passes -0x10000 for the
// high half of the length. Such a lock is mandatory: other handles can neither read nor
// write the file (maps can), so all reading under it goes by the very handle that holds
// it.
constexpr DWORD kLengthLow = 0, kLengthHigh = 0xffff0000;

}  // namespace

Outcome SystemCalls::try_lock(Native file, bool exclusive) {
  OVERLAPPED from_start = {};
  const DWORD flags =
      LOCKFILE_FAIL_IMMEDIATELY | (exclusive ? LOCKFILE_EXCLUSIVE_LOCK : 0);
  if (::LockFileEx(reinterpret_cast<HANDLE>(file), flags, 0, kLengthLow, kLengthHigh,
                   &from_start) != 0) {
    return {};
  }
  return {static_cast<int>(::GetLastError())};
}

// A range lock there is mandatory, and the main one covers all offsets.
Outcome SystemCalls::queue(Native, bool, Queue, bool&) { return {ERROR_NOT_SUPPORTED}; }

Outcome SystemCalls::is_alone(Native, bool&) { return {ERROR_NOT_SUPPORTED}; }

void native::unlock(Native file) {
  OVERLAPPED from_start = {};
  ::UnlockFileEx(reinterpret_cast<HANDLE>(file), 0, kLengthLow, kLengthHigh, &from_start);
}

}  // namespace mmappickle::os

#endif
