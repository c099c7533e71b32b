// What the system can do, where they differ: asked by calls of its own, not by what is
// tested.
#pragma once

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#include <winioctl.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>
#endif

namespace mmappickle::test {

// Whether there are more addresses than files have bytes. With 32 bits maps have no
// slack, and a file of some gigabytes cannot be mapped.
constexpr bool kAddressesAbound = sizeof(void*) >= 8;

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

// By FileRenameInfoEx, of Windows 10 on NTFS. Wine 8 has none.
inline bool replaces_open_files() {
  wchar_t folder[MAX_PATH + 1], paths[2][MAX_PATH + 1];
  ::GetTempPathW(MAX_PATH, folder);
  HANDLE files[2];
  for (int i = 0; i < 2; ++i) {
    ::GetTempFileNameW(folder, L"mmp", 0, paths[i]);
    files[i] = ::CreateFileW(paths[i], GENERIC_READ | DELETE,
                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                             nullptr, OPEN_EXISTING, 0, nullptr);
  }
  const std::wstring target = paths[1];
  std::vector<unsigned char> buffer(sizeof(FILE_RENAME_INFO) +
                                    target.size() * sizeof(wchar_t));
  FILE_RENAME_INFO info = {};
  const DWORD replace_as_posix = 1 | 2;
  std::memcpy(&info, &replace_as_posix, sizeof replace_as_posix);
  info.FileNameLength = static_cast<DWORD>(target.size() * sizeof(wchar_t));
  std::memcpy(buffer.data(), &info, sizeof info);
  std::memcpy(buffer.data() + offsetof(FILE_RENAME_INFO, FileName), target.data(),
              info.FileNameLength);
  constexpr int kFileRenameInfoEx = 22;
  const BOOL done = ::SetFileInformationByHandle(
      files[0], static_cast<FILE_INFO_BY_HANDLE_CLASS>(kFileRenameInfoEx), buffer.data(),
      static_cast<DWORD>(buffer.size()));
  for (int i = 0; i < 2; ++i) {
    ::CloseHandle(files[i]);
    ::DeleteFileW(paths[i]);
  }
  return done != 0;
}

// That a file which was renamed while it was open is the file of that name. Wine 8 looks
// for its volume under the former one: the serial number is 0 then.
inline bool knows_renamed_files() {
  wchar_t folder[MAX_PATH + 1], path[MAX_PATH + 1];
  ::GetTempPathW(MAX_PATH, folder);
  ::GetTempFileNameW(folder, L"mmp", 0, path);
  const std::wstring renamed = std::wstring(path) + L".renamed";
  const HANDLE file = ::CreateFileW(
      path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
      OPEN_EXISTING, 0, nullptr);
  BY_HANDLE_FILE_INFORMATION before = {}, after = {};
  ::GetFileInformationByHandle(file, &before);
  ::MoveFileExW(path, renamed.c_str(), 0);
  ::GetFileInformationByHandle(file, &after);
  ::CloseHandle(file);
  ::DeleteFileW(renamed.c_str());
  return before.dwVolumeSerialNumber == after.dwVolumeSerialNumber;
}

// Windows lets nobody cut, empty or replace a file that is mapped.
constexpr bool kChangesMappedFiles = false;
// C++'s own files, by which tests look, take paths of up to 260 characters.
constexpr bool kTakesLongNames = false;
// It pauses for whole milliseconds: a shorter pause is none.
constexpr bool kPausesShortly = false;

#else

inline bool makes_holes() { return true; }
inline bool replaces_open_files() { return true; }
inline bool knows_renamed_files() { return true; }
constexpr bool kChangesMappedFiles = true;
constexpr bool kTakesLongNames = true;
constexpr bool kPausesShortly = true;

#endif

}  // namespace mmappickle::test
