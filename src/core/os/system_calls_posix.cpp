#ifndef _WIN32

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include <algorithm>
#include <cerrno>
#include <limits>

#include "native.h"
#include "system_calls.h"

namespace mmappickle::os {
namespace {

Outcome outcome_of(long result) {
  if (result < 0) return {errno, 0};
  return {0, static_cast<std::uint64_t>(result)};
}

static_assert(sizeof(off_t) >= 8, "compile with -D_FILE_OFFSET_BITS=64");

bool reachable(std::uint64_t offset, std::uint64_t n) {
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  return offset <= kLast && n <= kLast - offset;
}

#ifdef __APPLE__
// F_PUNCHHOLE takes whole blocks only: the ends of the range are overwritten with zeros.
Outcome punch_blocks(int file, std::uint64_t offset, std::uint64_t n) {
  struct stat s;
  if (::fstat(file, &s) != 0) return {errno, 0};
  const auto block = static_cast<std::uint64_t>(s.st_blksize);
  const std::uint64_t end = offset + n;
  const std::uint64_t first = std::min(end, (offset + block - 1) / block * block);
  const std::uint64_t last = std::max(first, end / block * block);
  const std::uint8_t zeros[512] = {};
  for (std::uint64_t at = offset; at < end;) {
    if (at == first && last > first) at = last;
    const std::uint64_t stop = at < first ? first : end;
    if (at == stop) break;
    const std::uint64_t part = std::min<std::uint64_t>(sizeof zeros, stop - at);
    const ssize_t count =
        ::pwrite(file, zeros, static_cast<std::size_t>(part), static_cast<off_t>(at));
    if (count < 0) return {errno, 0};
    at += static_cast<std::uint64_t>(count);
  }
  if (last == first) return {};
  fpunchhole_t hole = {};
  hole.fp_offset = static_cast<off_t>(first);
  hole.fp_length = static_cast<off_t>(last - first);
  return outcome_of(::fcntl(file, F_PUNCHHOLE, &hole));
}
#endif

}  // namespace

// As a limit on the process says (`ulimit -f`).
std::uint64_t SystemCalls::largest_file() {
  rlimit limit;
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return static_cast<std::uint64_t>(limit.rlim_cur);
}

Outcome SystemCalls::write_at(Native file, const std::uint8_t* bytes, std::uint64_t n,
                              std::uint64_t offset) {
  if (!reachable(offset, n)) return {EFBIG, 0};
  return outcome_of(::pwrite(static_cast<int>(file), bytes, static_cast<std::size_t>(n),
                             static_cast<off_t>(offset)));
}

Outcome SystemCalls::copy(Native from, std::uint64_t at, Native to, std::uint64_t offset,
                          std::uint64_t n) {
#if defined(__linux__) && defined(SYS_copy_file_range)
  const std::uint64_t largest = largest_file();
  if (!reachable(at, n) || !reachable(offset, n) || offset >= largest) return {EFBIG, 0};
  auto begin = static_cast<std::int64_t>(at), end = static_cast<std::int64_t>(offset);
  const std::uint64_t part = std::min({n, native::kLargestTransfer, largest - offset});
  return outcome_of(::syscall(SYS_copy_file_range, static_cast<int>(from), &begin,
                              static_cast<int>(to), &end, static_cast<std::size_t>(part),
                              0u));
#else
  (void)from, (void)at, (void)to, (void)offset, (void)n;
  return {EOPNOTSUPP, 0};
#endif
}

Outcome SystemCalls::truncate(Native file, std::uint64_t size) {
  if (!reachable(0, size)) return {EFBIG, 0};
  struct stat s;
  if (size > largest_file() && (::fstat(static_cast<int>(file), &s) != 0 ||
                                static_cast<std::uint64_t>(s.st_size) < size)) {
    return {EFBIG, 0};
  }
  return outcome_of(::ftruncate(static_cast<int>(file), static_cast<off_t>(size)));
}

Outcome SystemCalls::sync(Native file) {
#ifdef __APPLE__
  // fsync() there does not reach the disk; where F_FULLFSYNC is unknown it must do.
  if (::fcntl(static_cast<int>(file), F_FULLFSYNC) == 0) return {};
  return outcome_of(::fsync(static_cast<int>(file)));
#else
  return outcome_of(::fdatasync(static_cast<int>(file)));
#endif
}

void SystemCalls::start_sync(Native file, std::uint64_t offset, std::uint64_t n) {
#ifdef __linux__
  ::sync_file_range(static_cast<int>(file), static_cast<std::int64_t>(offset),
                    static_cast<std::int64_t>(n), SYNC_FILE_RANGE_WRITE);
#else
  (void)file, (void)offset, (void)n;
#endif
}

Outcome SystemCalls::punch(Native file, std::uint64_t offset, std::uint64_t n) {
  if (!reachable(offset, n)) return {EFBIG, 0};
#if defined(__linux__)
  return outcome_of(::fallocate(static_cast<int>(file),
                                FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                static_cast<off_t>(offset), static_cast<off_t>(n)));
#elif defined(__APPLE__)
  return punch_blocks(static_cast<int>(file), offset, n);
#else
  (void)file;
  return {EOPNOTSUPP, 0};
#endif
}

Outcome SystemCalls::create(const std::string& path, std::uint32_t mode, Native& file) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                                static_cast<mode_t>(mode));
  if (descriptor < 0) return {errno, 0};
  file = descriptor;
  return {};
}

Outcome SystemCalls::rename(const std::string& from, const std::string& to) {
  return outcome_of(::rename(from.c_str(), to.c_str()));
}

Outcome SystemCalls::rename_new(const std::string& from, const std::string& to) {
#if defined(__linux__) && defined(SYS_renameat2)
  constexpr unsigned int kNoReplace = 1;  // RENAME_NOREPLACE
  return outcome_of(
      ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), kNoReplace));
#elif defined(__APPLE__)
  return outcome_of(::renamex_np(from.c_str(), to.c_str(), RENAME_EXCL));
#else
  (void)from;
  (void)to;
  return {EOPNOTSUPP, 0};
#endif
}

Outcome SystemCalls::remove(const std::string& path) {
  return outcome_of(::unlink(path.c_str()));
}

Outcome SystemCalls::sync_folder(const std::string& path) {
  const std::string folder = native::folder_of(path);
  const int file = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {errno, 0};
  Outcome outcome = outcome_of(::fsync(file));
  // Some file systems (CIFS, FUSE) have nothing to sync in a folder, and say so.
  if (outcome.error == EINVAL || outcome.error == ENOSYS) outcome = {};
  ::close(file);
  return outcome;
}

// The owner first: giving a file away clears the set-id bits of its mode.
Outcome SystemCalls::copy_owner(Native like, Native file) {
  struct stat s;
  const int to = static_cast<int>(file);
  if (::fstat(static_cast<int>(like), &s) != 0) return {errno, 0};
  mode_t mode = s.st_mode & 07777;
  if (::fchown(to, s.st_uid, s.st_gid) != 0 &&
      ::fchown(to, static_cast<uid_t>(-1), s.st_gid) != 0) {
    // Another group than before must not be let in: it gets what everybody has.
    mode = (mode & ~static_cast<mode_t>(070)) | ((mode & 07) << 3);
  }
  return outcome_of(::fchmod(to, mode));
}

SystemCalls& real_system_calls() {
  static SystemCalls system;
  return system;
}

void native::kill_process() { ::kill(::getpid(), SIGKILL); }

// Elsewhere than on Linux no file system is known to fill its holes so.
Outcome SystemCalls::in_memory(Native file, bool& yes) {
  yes = false;
#ifdef __linux__
  constexpr long kTmpfs = 0x01021994, kRamfs = 0x858458f6;
  struct statfs system;
  if (::fstatfs(static_cast<int>(file), &system) != 0) return {errno};
  yes = system.f_type == kTmpfs || system.f_type == kRamfs;
#else
  (void)file;
#endif
  return {};
}

}  // namespace mmappickle::os

#endif
