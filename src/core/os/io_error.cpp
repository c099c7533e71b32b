// Error codes of the system in the words of this package.
#include "native.h"

namespace mmappickle::os {
namespace {

struct Advice {
  std::string_view name;
  const char* hint;
};

// What to do about the failures that a user can do something about.
constexpr Advice kAdvice[] = {
    {"ENOSPC", "The disk is full: make room on it, then try again."},
    {"EDQUOT", "Your disk quota is used up: make room, then try again."},
    {"EFBIG", "The file system (or a limit of this process) allows no larger file."},
    {"EROFS", "The file system is mounted read-only: open the file read-only."},
    {"EACCES", "Check the permissions of the file and of the folders above it."},
    {"EPERM", "Check the permissions of the file and of the folders above it."},
    {"EMFILE", "Too many files are open in this process: close some."},
    {"ENFILE", "Too many files are open on this machine: close some."},
    {"ENOMEM", "Memory or address space ran out: free some, or raise the limit."},
    {"EBUSY", "Close the file wherever else it is open or mapped, then try again."},
    {"ENOLCK",
     "This file system gives no locks (network file systems often do not): copy the file "
     "to a local disk."},
    {"EIO", "The disk or the network reports a fault: the file may be damaged."},
};

}  // namespace

int native::error_code(std::string_view name) {
  constexpr int kLargest = 20000;
  for (int code = 1; code <= kLargest; ++code) {
    if (error_name(code) == name) return code;
  }
  return 0;
}

Error io_error(const std::string& doing, const std::string& path, int code) {
  const std::string_view name = native::error_name(code);
  const std::string cause =
      name.empty() ? "error " + std::to_string(code) : std::string(name);
  Error error(ErrorKind::io, "cannot " + doing + " '" + path +
                                 "': " + native::error_words(code) + " (" + cause + ")");
  if (cause == "EBUSY") error.kind = ErrorKind::busy;
  error.cause = cause;
  error.path = path;
  for (const Advice& advice : kAdvice) {
    if (advice.name == name) error.hint = advice.hint;
  }
  return error;
}

void fail_io(const std::string& doing, const std::string& path, int code) {
  throw io_error(doing, path, code);
}

}  // namespace mmappickle::os
