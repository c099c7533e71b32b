#ifndef _WIN32

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <memory>

#include "native.h"

namespace mmappickle::os {
namespace {

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

Status status_from(const struct stat& s) {
  Status status;
#ifdef __APPLE__
  status.mtime_ns = nanoseconds(s.st_mtimespec);
  status.ctime_ns = nanoseconds(s.st_ctimespec);
#else
  status.mtime_ns = nanoseconds(s.st_mtim);
  status.ctime_ns = nanoseconds(s.st_ctim);
#endif
  status.identity.device = static_cast<std::uint64_t>(s.st_dev);
  status.identity.inode = static_cast<std::uint64_t>(s.st_ino);
  status.size = static_cast<std::uint64_t>(s.st_size);
  status.allocated = static_cast<std::uint64_t>(s.st_blocks) * 512;
  status.links = static_cast<std::uint64_t>(s.st_nlink);
  status.regular = S_ISREG(s.st_mode);
  status.folder = S_ISDIR(s.st_mode);
  return status;
}

bool real_path(const std::string& path, std::string& resolved) {
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr),
                                                      &::free);
  if (real) resolved = real.get();
  return real != nullptr;
}

}  // namespace

std::uint64_t process_id() { return static_cast<std::uint64_t>(::getpid()); }

bool paths_are_utf8() { return false; }

std::size_t leaf_of(const std::string& path) {
  return path.rfind('/') + 1;  // npos + 1 is 0
}

std::string native::folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Outcome SystemCalls::open(const std::string& path, bool writing, Native& file) {
  const int flags = (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY;
  const int descriptor = ::open(path.c_str(), flags);
  if (descriptor < 0) return {errno};
  file = descriptor;
  return {};
}

void native::close(Native file) { ::close(static_cast<int>(file)); }

Outcome SystemCalls::read_at(Native file, std::uint8_t* to, std::uint64_t n,
                             std::uint64_t offset) {
  // Nothing lies where no file offset reaches.
  if (offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return {};
  const ssize_t count = ::pread(static_cast<int>(file), to, static_cast<std::size_t>(n),
                                static_cast<off_t>(offset));
  if (count < 0) return {errno, 0};
  return {0, static_cast<std::uint64_t>(count)};
}

Outcome SystemCalls::status(Native file, Status& status) {
  struct stat s;
  if (::fstat(static_cast<int>(file), &s) != 0) return {errno};
  status = status_from(s);
  return {};
}

Outcome SystemCalls::status(const std::string& path, Status& status) {
  struct stat s;
  if (::stat(path.c_str(), &s) != 0) return {errno};
  status = status_from(s);
  return {};
}

File::Range native::next_data(Native file, std::uint64_t from, std::uint64_t size) {
#ifdef SEEK_DATA
  // The descriptor's own position is used by nobody: reads and writes are positioned.
  const off_t begin =
      ::lseek(static_cast<int>(file), static_cast<off_t>(from), SEEK_DATA);
  if (begin < 0) {
    if (errno == ENXIO) return {size, size};  // no data from there on
    return {from, size};
  }
  const off_t end = ::lseek(static_cast<int>(file), begin, SEEK_HOLE);
  return {static_cast<std::uint64_t>(begin),
          end < 0 ? size : static_cast<std::uint64_t>(end)};
#else
  (void)file;
  return {from, size};
#endif
}

Outcome SystemCalls::resolve(const std::string& path, std::string& resolved) {
  std::string at = path;
  // realpath() knows only what exists. A file that is still to be created is found
  // through its folder, also where a link points to it.
  for (int hops = 0; hops < 40; ++hops) {
    if (real_path(at, resolved)) return {};
    if (errno != ENOENT) return {errno};
    char target[4096];
    const ssize_t length = ::readlink(at.c_str(), target, sizeof target);
    if (length < 0) {
      const std::string name = at.substr(leaf_of(at));
      if (name.empty() || !real_path(native::folder_of(at), resolved)) return {ENOENT};
      if (resolved.back() != '/') resolved += '/';
      resolved += name;
      return {};
    }
    const std::string to(target, static_cast<std::size_t>(length));
    at = to.front() == '/' ? to : native::folder_of(at) + "/" + to;
  }
  return {ELOOP};
}

}  // namespace mmappickle::os

#endif
