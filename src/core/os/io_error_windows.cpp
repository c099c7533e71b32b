#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include "native.h"
#include "wide.h"

namespace mmappickle::os::native {
namespace {

struct Name {
  DWORD code;
  const char* name;
};

// GetLastError()'s codes, by the errno that says the same.
constexpr Name kNames[] = {
    {ERROR_FILE_NOT_FOUND, "ENOENT"},
    {ERROR_PATH_NOT_FOUND, "ENOENT"},
    {ERROR_INVALID_DRIVE, "ENOENT"},
    {ERROR_BAD_NETPATH, "ENOENT"},
    {ERROR_BAD_NET_NAME, "ENOENT"},
    {ERROR_INVALID_NAME, "EINVAL"},
    {ERROR_INVALID_PARAMETER, "EINVAL"},
    {ERROR_NEGATIVE_SEEK, "EINVAL"},
    {ERROR_ACCESS_DENIED, "EACCES"},
    {ERROR_PRIVILEGE_NOT_HELD, "EPERM"},
    {ERROR_SHARING_VIOLATION, "EBUSY"},
    {ERROR_USER_MAPPED_FILE, "EBUSY"},
    {ERROR_BUSY, "EBUSY"},
    {ERROR_LOCK_VIOLATION, "EAGAIN"},
    {ERROR_IO_PENDING, "EAGAIN"},
    {ERROR_FILE_EXISTS, "EEXIST"},
    {ERROR_ALREADY_EXISTS, "EEXIST"},
    {ERROR_DIRECTORY, "ENOTDIR"},
    {ERROR_DISK_FULL, "ENOSPC"},
    {ERROR_HANDLE_DISK_FULL, "ENOSPC"},
    {1295, "EDQUOT"},  // ERROR_DISK_QUOTA_EXCEEDED, which older headers lack
    {ERROR_FILE_TOO_LARGE, "EFBIG"},
    {ERROR_WRITE_PROTECT, "EROFS"},
    {ERROR_TOO_MANY_OPEN_FILES, "EMFILE"},
    {ERROR_INVALID_HANDLE, "EBADF"},
    {ERROR_NOT_ENOUGH_MEMORY, "ENOMEM"},
    {ERROR_OUTOFMEMORY, "ENOMEM"},
    {ERROR_COMMITMENT_LIMIT, "ENOMEM"},
    {ERROR_NO_SYSTEM_RESOURCES, "ENOMEM"},
    {ERROR_NOT_SAME_DEVICE, "EXDEV"},
    {ERROR_FILENAME_EXCED_RANGE, "ENAMETOOLONG"},
    {ERROR_NOT_SUPPORTED, "EOPNOTSUPP"},
    {ERROR_INVALID_FUNCTION, "ENOSYS"},
    {ERROR_CALL_NOT_IMPLEMENTED, "ENOSYS"},
    {ERROR_NOT_READY, "EIO"},
    {ERROR_CRC, "EIO"},
    {ERROR_IO_DEVICE, "EIO"},
    {ERROR_GEN_FAILURE, "EIO"},
};

}  // namespace

std::string_view error_name(int code) {
  for (const Name& entry : kNames) {
    if (entry.code == static_cast<DWORD>(code)) return entry.name;
  }
  return {};
}

std::string error_words(int code) {
  wchar_t buffer[512];
  const DWORD length =
      ::FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                           FORMAT_MESSAGE_MAX_WIDTH_MASK,
                       nullptr, static_cast<DWORD>(code), 0, buffer,
                       sizeof buffer / sizeof *buffer, nullptr);
  std::string words = narrow(std::wstring(buffer, length));
  words.erase(words.find_last_not_of(" .\r\n") + 1);  // npos + 1 is 0
  return words.empty() ? "unknown error" : words;
}

}  // namespace mmappickle::os::native

#endif
