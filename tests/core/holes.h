// Whether the system makes holes in files: asked by calls of its own, not by what is
// tested.
#pragma once

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#include <winioctl.h>
#endif

namespace mmappickle::test {

#ifdef _WIN32

// GetLastError() of FSCTL_SET_ZERO_DATA on a sparse file of NTFS, which knows it. Wine 8
// does not: ERROR_NOT_SUPPORTED.
inline unsigned long error_of_zero_data() {
  wchar_t folder[MAX_PATH + 1], path[MAX_PATH + 1];
  ::GetTempPathW(MAX_PATH, folder);
  ::GetTempFileNameW(folder, L"mmp", 0, path);
  const HANDLE file = ::CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                    CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, nullptr);
  const char bytes[4096] = {1};
  DWORD count = 0;
  ::WriteFile(file, bytes, sizeof bytes, &count, nullptr);
  ::DeviceIoControl(file, FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0, &count, nullptr);
  FILE_ZERO_DATA_INFORMATION range;
  range.FileOffset.QuadPart = 0;
  range.BeyondFinalZero.QuadPart = sizeof bytes;
  const BOOL done = ::DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &range, sizeof range,
                                      nullptr, 0, &count, nullptr);
  const DWORD error = done != 0 ? 0 : ::GetLastError();
  ::CloseHandle(file);
  return error;
}

inline bool makes_holes() { return error_of_zero_data() == 0; }

#else

inline bool makes_holes() { return true; }

#endif

}  // namespace mmappickle::test
