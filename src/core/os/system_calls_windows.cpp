#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <winioctl.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "native.h"
#include "system_calls.h"
#include "wide.h"

namespace mmappickle::os {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

Outcome outcome_of(BOOL done) {
  return {done != 0 ? 0 : static_cast<int>(::GetLastError()), 0};
}
HANDLE handle_of(Native file) { return reinterpret_cast<HANDLE>(file); }

bool reachable(std::uint64_t offset, std::uint64_t n) {
  constexpr auto kLast = static_cast<std::uint64_t>(LLONG_MAX);
  return offset <= kLast && n <= kLast - offset;
}

std::uint64_t size_of(HANDLE file) {
  LARGE_INTEGER size;
  return ::GetFileSizeEx(file, &size) != 0 ? static_cast<std::uint64_t>(size.QuadPart)
                                           : 0;
}

// Without this, NTFS fills the gap before a write beyond the end with zeros on disk.
// Where the file system has no sparse files, it does that anyway.
void make_sparse(HANDLE file) {
  DWORD bytes = 0;
  ::DeviceIoControl(file, FSCTL_SET_SPARSE, nullptr, 0, nullptr, 0, &bytes, nullptr);
}

// POSIX's rename: also over a file that is open, as long as it is not mapped and its
// openers share deletion (Windows 10 1607 and later, NTFS). The struct and the numbers
// are those of FILE_RENAME_INFO, FileRenameInfoEx and its flags, which older headers
// lack.
bool rename_over_open(const std::wstring& from, const std::wstring& to) {
  const HANDLE file =
      ::CreateFileW(from.c_str(), DELETE | SYNCHRONIZE, kShareAll, nullptr, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) return false;
  constexpr int kFileRenameInfoEx = 22;
  constexpr DWORD kReplaceIfExists = 1, kPosixSemantics = 2;
  const std::size_t bytes = to.size() * sizeof(wchar_t);
  std::vector<std::uint8_t> buffer(sizeof(FILE_RENAME_INFO) + bytes);
  FILE_RENAME_INFO info = {};
  const DWORD flags = kReplaceIfExists | kPosixSemantics;
  std::memcpy(&info, &flags, sizeof flags);  // a union in newer headers
  info.FileNameLength = static_cast<DWORD>(bytes);
  std::memcpy(buffer.data(), &info, sizeof info);
  std::memcpy(buffer.data() + offsetof(FILE_RENAME_INFO, FileName), to.data(), bytes);
  const BOOL done = ::SetFileInformationByHandle(
      file, static_cast<FILE_INFO_BY_HANDLE_CLASS>(kFileRenameInfoEx), buffer.data(),
      static_cast<DWORD>(buffer.size()));
  ::CloseHandle(file);
  return done != 0;
}

// Whether it is a file that we may remove, if only nobody had it open or mapped.
bool is_removable(const std::wstring& path) {
  const HANDLE file = ::CreateFileW(path.c_str(), DELETE, kShareAll, nullptr,
                                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  const bool shared = file == INVALID_HANDLE_VALUE;
  if (!shared) ::CloseHandle(file);
  return !shared || ::GetLastError() == ERROR_SHARING_VIOLATION;
}

}  // namespace

std::uint64_t SystemCalls::largest_file() { return UINT64_MAX; }

Outcome SystemCalls::write_at(Native file, const std::uint8_t* bytes, std::uint64_t n,
                              std::uint64_t offset) {
  if (!reachable(offset, n)) return {ERROR_FILE_TOO_LARGE, 0};
  if (offset > size_of(handle_of(file))) make_sparse(handle_of(file));
  OVERLAPPED place = {};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  DWORD count = 0;
  const auto part = static_cast<DWORD>(std::min(n, native::kLargestTransfer));
  Outcome outcome = outcome_of(::WriteFile(handle_of(file), bytes, part, &count, &place));
  outcome.count = count;
  return outcome;
}

Outcome SystemCalls::copy(Native, std::uint64_t, Native, std::uint64_t, std::uint64_t) {
  return {ERROR_NOT_SUPPORTED, 0};
}

Outcome SystemCalls::truncate(Native file, std::uint64_t size) {
  if (!reachable(0, size)) return {ERROR_FILE_TOO_LARGE, 0};
  if (size > size_of(handle_of(file))) make_sparse(handle_of(file));
  FILE_END_OF_FILE_INFO end;
  end.EndOfFile.QuadPart = static_cast<LONGLONG>(size);
  return outcome_of(
      ::SetFileInformationByHandle(handle_of(file), FileEndOfFileInfo, &end, sizeof end));
}

Outcome SystemCalls::sync(Native file) {
  return outcome_of(::FlushFileBuffers(handle_of(file)));
}

void SystemCalls::start_sync(Native, std::uint64_t, std::uint64_t) {}

Outcome SystemCalls::punch(Native file, std::uint64_t offset, std::uint64_t n) {
  if (!reachable(offset, n)) return {ERROR_FILE_TOO_LARGE, 0};
  make_sparse(handle_of(file));
  FILE_ZERO_DATA_INFORMATION range;
  range.FileOffset.QuadPart = static_cast<LONGLONG>(offset);
  range.BeyondFinalZero.QuadPart = static_cast<LONGLONG>(offset + n);
  DWORD bytes = 0;
  return outcome_of(::DeviceIoControl(handle_of(file), FSCTL_SET_ZERO_DATA, &range,
                                      sizeof range, nullptr, 0, &bytes, nullptr));
}

// The mode is POSIX's: here a new file takes the rights of its folder.
Outcome SystemCalls::create(const std::string& path, std::uint32_t, Native& file) {
  const HANDLE handle =
      ::CreateFileW(native::wide_path(path).c_str(), GENERIC_READ | GENERIC_WRITE,
                    kShareAll, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return outcome_of(FALSE);
  file = reinterpret_cast<Native>(handle);
  return {};
}

Outcome SystemCalls::rename(const std::string& from, const std::string& to) {
  const std::wstring source = native::wide_path(from), target = native::wide_path(to);
  if (rename_over_open(source, target)) return {};
  const Outcome outcome =
      outcome_of(::MoveFileExW(source.c_str(), target.c_str(),
                               MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH));
  // A target that is in use is refused with the words for one that we have no right to.
  if (outcome.error == ERROR_ACCESS_DENIED && is_removable(target)) {
    return {ERROR_SHARING_VIOLATION, 0};
  }
  return outcome;
}

Outcome SystemCalls::rename_new(const std::string& from, const std::string& to) {
  return outcome_of(::MoveFileExW(native::wide_path(from).c_str(),
                                  native::wide_path(to).c_str(), MOVEFILE_WRITE_THROUGH));
}

Outcome SystemCalls::remove(const std::string& path) {
  return outcome_of(::DeleteFileW(native::wide_path(path).c_str()));
}

// A folder cannot be synced here; NTFS keeps its own journal of renames.
Outcome SystemCalls::sync_folder(const std::string&) { return {}; }

// Rights come from the folder, which is the same.
Outcome SystemCalls::copy_owner(Native, Native) { return {}; }

SystemCalls& real_system_calls() {
  static SystemCalls system;
  return system;
}

void native::kill_process() { ::TerminateProcess(::GetCurrentProcess(), 137); }

Outcome SystemCalls::in_memory(Native, bool& yes) {
  yes = false;
  return {};
}

}  // namespace mmappickle::os

#endif
