#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <winioctl.h>

#include <algorithm>
#include <climits>

#include "native.h"
#include "wide.h"

namespace mmappickle::os {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

int last_error() { return static_cast<int>(::GetLastError()); }
HANDLE handle_of(Native file) { return reinterpret_cast<HANDLE>(file); }

std::uint64_t joined(DWORD high, DWORD low) {
  return (static_cast<std::uint64_t>(high) << 32) | low;
}

// A handle that may be asked, but neither read nor written; folders have one, too.
HANDLE open_to_ask(const std::string& path) {
  return ::CreateFileW(native::wide_path(path).c_str(), FILE_READ_ATTRIBUTES, kShareAll,
                       nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
}

}  // namespace

std::uint64_t process_id() { return ::GetCurrentProcessId(); }

std::vector<std::uint64_t> users_of(const Identity&) { return {}; }

bool native::is_used_by_forks(const Identity&) { return true; }

bool paths_are_utf8() { return true; }

std::size_t leaf_of(const std::string& path) {
  return path.find_last_of("/\\") + 1;  // npos + 1 is 0
}

std::string native::folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  if (slash == std::string::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

// All sharing is allowed, deletion too: a file that is open can then be renamed over.
Outcome SystemCalls::open(const std::string& path, bool writing, Native& file) {
  const HANDLE handle = ::CreateFileW(
      native::wide_path(path).c_str(), GENERIC_READ | (writing ? GENERIC_WRITE : 0),
      kShareAll, nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return {last_error()};
  file = reinterpret_cast<Native>(handle);
  return {};
}

void native::close(Native file) { ::CloseHandle(handle_of(file)); }

Outcome SystemCalls::read_at(Native file, std::uint8_t* to, std::uint64_t n,
                             std::uint64_t offset) {
  // Nothing lies where no file offset reaches.
  if (offset > static_cast<std::uint64_t>(LLONG_MAX)) return {};
  OVERLAPPED place = {};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  DWORD count = 0;
  if (::ReadFile(handle_of(file), to, static_cast<DWORD>(n), &count, &place) == 0) {
    const int error = last_error();
    return {error == ERROR_HANDLE_EOF ? 0 : error, 0};
  }
  return {0, count};
}

// A time of the system is in units of 100 ns, from 1601 on.
std::int64_t nanoseconds(std::int64_t time) { return (time - 116444736000000000) * 100; }

Outcome SystemCalls::status(Native file, Status& status) {
  const HANDLE handle = handle_of(file);
  BY_HANDLE_FILE_INFORMATION info;
  if (::GetFileInformationByHandle(handle, &info) == 0) return {last_error()};
  status.identity.device = info.dwVolumeSerialNumber;
  status.identity.inode = joined(info.nFileIndexHigh, info.nFileIndexLow);
  status.size = joined(info.nFileSizeHigh, info.nFileSizeLow);
  status.mtime_ns = nanoseconds(static_cast<std::int64_t>(
      joined(info.ftLastWriteTime.dwHighDateTime, info.ftLastWriteTime.dwLowDateTime)));
  FILE_BASIC_INFO basic;
  status.ctime_ns =
      ::GetFileInformationByHandleEx(handle, FileBasicInfo, &basic, sizeof basic) != 0
          ? nanoseconds(basic.ChangeTime.QuadPart)
          : status.mtime_ns;
  status.links = info.nNumberOfLinks;
  status.folder = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  status.regular = !status.folder && ::GetFileType(handle) == FILE_TYPE_DISK;
  // For sparse and compressed files only the first of these tells the truth.
  FILE_COMPRESSION_INFO compression;
  FILE_STANDARD_INFO standard;
  if (::GetFileInformationByHandleEx(handle, FileCompressionInfo, &compression,
                                     sizeof compression) != 0) {
    status.allocated =
        static_cast<std::uint64_t>(compression.CompressedFileSize.QuadPart);
  } else if (::GetFileInformationByHandleEx(handle, FileStandardInfo, &standard,
                                            sizeof standard) != 0) {
    status.allocated = static_cast<std::uint64_t>(standard.AllocationSize.QuadPart);
  } else {
    status.allocated = status.size;
  }
  return {};
}

Outcome SystemCalls::status(const std::string& path, Status& status) {
  const HANDLE handle = open_to_ask(path);
  if (handle == INVALID_HANDLE_VALUE) return {last_error()};
  const Outcome outcome = SystemCalls::status(reinterpret_cast<Native>(handle), status);
  ::CloseHandle(handle);
  return outcome;
}

File::Range native::next_data(Native file, std::uint64_t from, std::uint64_t size) {
  if (size > static_cast<std::uint64_t>(LLONG_MAX)) return {from, size};
  FILE_ALLOCATED_RANGE_BUFFER asked, found;
  asked.FileOffset.QuadPart = static_cast<LONGLONG>(from);
  asked.Length.QuadPart = static_cast<LONGLONG>(size - from);
  DWORD bytes = 0;
  // More ranges than the one that has room are ERROR_MORE_DATA.
  if (::DeviceIoControl(handle_of(file), FSCTL_QUERY_ALLOCATED_RANGES, &asked,
                        sizeof asked, &found, sizeof found, &bytes, nullptr) == 0 &&
      ::GetLastError() != ERROR_MORE_DATA) {
    return {from, size};
  }
  if (bytes < sizeof found) return {size, size};
  const auto begin = static_cast<std::uint64_t>(found.FileOffset.QuadPart);
  return {std::max(begin, from),
          begin + static_cast<std::uint64_t>(found.Length.QuadPart)};
}

Outcome SystemCalls::resolve(const std::string& path, std::string& resolved) {
  const HANDLE handle = open_to_ask(path);
  if (handle == INVALID_HANDLE_VALUE) {
    if (native::error_name(last_error()) != "ENOENT") return {last_error()};
    const std::string name = path.substr(leaf_of(path));
    const std::string folder = native::folder_of(path);
    if (name.empty() || folder == path) return {ERROR_PATH_NOT_FOUND};
    std::string parent;
    const HANDLE there = open_to_ask(folder);
    if (there == INVALID_HANDLE_VALUE) return {ERROR_PATH_NOT_FOUND};
    ::CloseHandle(there);
    const Outcome outcome = SystemCalls::resolve(folder, parent);
    if (outcome.error != 0) return outcome;
    resolved = parent.back() == '\\' ? parent + name : parent + "\\" + name;
    return {};
  }
  wchar_t buffer[32768];
  const DWORD length = ::GetFinalPathNameByHandleW(
      handle, buffer, sizeof buffer / sizeof *buffer, FILE_NAME_NORMALIZED);
  ::CloseHandle(handle);
  // Some file systems (disks in memory) cannot tell it, nor can Wine that of a long path.
  const std::wstring found =
      length == 0 ? native::wide_path(path) : std::wstring(buffer, length);
  resolved = native::narrow(native::plain_path(found));
  return {};
}

}  // namespace mmappickle::os

#endif
