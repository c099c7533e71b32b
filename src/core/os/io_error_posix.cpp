#ifndef _WIN32

#include <cerrno>
#include <cstring>

#include "native.h"

namespace mmappickle::os::native {
namespace {

struct Name {
  int code;
  const char* name;
};

// The first of two names for one value counts (EAGAIN is EWOULDBLOCK, on Linux ENOTSUP is
// EOPNOTSUPP).
constexpr Name kNames[] = {
    {EPERM, "EPERM"},     {ENOENT, "ENOENT"},       {EINTR, "EINTR"},
    {EIO, "EIO"},         {ENXIO, "ENXIO"},         {EBADF, "EBADF"},
    {EAGAIN, "EAGAIN"},   {ENOMEM, "ENOMEM"},       {EACCES, "EACCES"},
    {EFAULT, "EFAULT"},   {EBUSY, "EBUSY"},         {EEXIST, "EEXIST"},
    {EXDEV, "EXDEV"},     {ENODEV, "ENODEV"},       {ENOTDIR, "ENOTDIR"},
    {EISDIR, "EISDIR"},   {EINVAL, "EINVAL"},       {ENFILE, "ENFILE"},
    {EMFILE, "EMFILE"},   {ETXTBSY, "ETXTBSY"},     {EFBIG, "EFBIG"},
    {ENOSPC, "ENOSPC"},   {ESPIPE, "ESPIPE"},       {EROFS, "EROFS"},
    {EMLINK, "EMLINK"},   {EDEADLK, "EDEADLK"},     {ENAMETOOLONG, "ENAMETOOLONG"},
    {ENOLCK, "ENOLCK"},   {ENOSYS, "ENOSYS"},       {ENOTEMPTY, "ENOTEMPTY"},
    {ELOOP, "ELOOP"},     {EOVERFLOW, "EOVERFLOW"}, {EOPNOTSUPP, "EOPNOTSUPP"},
    {ENOTSUP, "ENOTSUP"}, {ETIMEDOUT, "ETIMEDOUT"}, {ESTALE, "ESTALE"},
    {EDQUOT, "EDQUOT"},
};

// strerror_r comes in two forms: POSIX's fills the buffer, GNU's returns the text.
[[maybe_unused]] std::string words_of(int failed, const char* buffer) {
  return failed == 0 ? buffer : "";
}
[[maybe_unused]] std::string words_of(const char* text, const char*) { return text; }

}  // namespace

std::string_view error_name(int code) {
  for (const Name& entry : kNames) {
    if (entry.code == code) return entry.name;
  }
  return {};
}

std::string error_words(int code) {
  char buffer[256] = "";
  const std::string words = words_of(::strerror_r(code, buffer, sizeof buffer), buffer);
  return words.empty() ? "unknown error" : words;
}

}  // namespace mmappickle::os::native

#endif
