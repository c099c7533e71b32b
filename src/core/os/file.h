// An open file: positioned reads and writes, size, identity. No buffering.
#pragma once

#include <optional>
#include <string>

#include "../base/bytes.h"
#include "../base/error.h"
#include "system_calls.h"

namespace mmappickle::os {

// Same file, whatever its name. On Windows volume serial number and file index.
struct Identity {
  std::uint64_t device = 0, inode = 0;
  bool operator==(const Identity& o) const {
    return device == o.device && inode == o.inode;
  }
  bool operator!=(const Identity& o) const { return !(*this == o); }
};

struct Status {
  Identity identity;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // last change of the content
  // Last change of anything, which no program can set back; like mtime_ns in whole ticks
  // of a clock that may be as coarse as some milliseconds.
  std::int64_t ctime_ns = 0;
  std::uint64_t allocated = 0;  // bytes on disk: less than size in a sparse file
  std::uint64_t links = 0;      // hard links
  bool regular = false, folder = false;
};

enum class Access {
  read,        // must exist
  write,       // reading and writing; must exist
  create_new,  // reading and writing; must not exist
};

// Move-only owner of a descriptor (close-on-exec). All errors are Error of kind io (busy:
// "EBUSY", the file is open or mapped) with errno's name in `cause` and the system's
// words in the message; a missing file, a folder or a file that may not be read get a
// message and hint of their own.
class File {
 public:
  File() = default;
  // `shown`: what errors call the file, if it is not the path.
  static File open(const std::string& path, Access access,
                   SystemCalls& system = real_system_calls(),
                   const std::string& shown = {});
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return native_ != kNoNative; }
  void close() noexcept;
  Native native() const { return native_; }
  SystemCalls& system() const { return *system_; }
  const std::string& path() const { return path_; }

  Status status() const;
  const Identity& identity() const;  // the same as long as the file is open
  // Fills all of [to, to + n); a file that ends before is an Error of kind format.
  void read_at(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const;
  // Up to n bytes; fewer only at the end of the file.
  std::uint64_t read_some_at(std::uint64_t offset, std::uint8_t* to,
                             std::uint64_t n) const;
  // All of the bytes, or Error (some may have been written).
  void write_at(std::uint64_t offset, Bytes bytes);
  // Bytes of another file, as far as the system copies them by itself: so many from the
  // front have been copied. The rest is read and written, which tells what is wrong.
  std::uint64_t copy_from(const File& from, std::uint64_t at, std::uint64_t offset,
                          std::uint64_t n);
  void truncate(std::uint64_t size);
  void sync();
  void start_sync(std::uint64_t offset, std::uint64_t n) {
    system_->start_sync(native_, offset, n);
  }
  // See SystemCalls::largest_file(). Asked at the first write, and at the next one after
  // ask_limit_again(): who writes for long, or from time to time, says when it may have
  // become another.
  std::uint64_t limit() const;
  void ask_limit_again() { limit_ = 0; }
  // Gives the disk space of a range back; it reads as zeros then. Error `unsupported`
  // where the file system cannot.
  void punch(std::uint64_t offset, std::uint64_t n);

  // True if nobody else has the file open or mapped: no other process, and this one only
  // by this descriptor. Never where the system cannot tell for certain.
  bool is_alone() const;

  // True on a file system in memory: a hole that is read through a map is one no more.
  bool in_memory() const;

  // The next range at or after `from` that may hold anything but zeros, or {size, size}.
  // Where the file system cannot tell: {from, size}.
  struct Range {
    std::uint64_t begin, end;
  };
  Range next_data(std::uint64_t from, std::uint64_t size) const;

 private:
  Native native_ = kNoNative;
  SystemCalls* system_ = nullptr;
  std::string path_;
  mutable std::optional<Identity> identity_;  // once it was asked for
  mutable std::uint64_t limit_ = 0;           // 0: not asked yet
};

// Status of what `path` names (links followed); `exists` false if there is nothing.
Status status_of(const std::string& path, bool& exists,
                 SystemCalls& system = real_system_calls());
// The path with symbolic links resolved.
std::string resolve(const std::string& path, SystemCalls& system = real_system_calls());
// Where the name begins behind the folder: the path's size where it ends with a slash.
std::size_t leaf_of(const std::string& path);
// Error of kind busy where the system replaces no file that somebody has open or mapped.
void rename(const std::string& from, const std::string& to, SystemCalls& system);
// False, and nothing done, if `to` is there. (File systems that cannot do both at once
// are asked first: there somebody else could still be quicker.)
bool rename_new(const std::string& from, const std::string& to, SystemCalls& system);
void remove(const std::string& path, SystemCalls& system);
// Makes a rename in the folder of `path` durable.
void sync_folder_of(const std::string& path, SystemCalls& system);
// Mode and owner of `like` given to `file`, as far as the system lets us.
void copy_owner(const File& like, File& file);
// A changed value tells that this process came out of a fork.
std::uint64_t process_id();
// False where paths are bytes that mean what the locale says (POSIX).
bool paths_are_utf8();
// Ids of other processes that have the file open or mapped, as far as the system tells
// (Linux: /proc); sorted, without this process.
std::vector<std::uint64_t> users_of(const Identity& identity);

// Throws the Error of kind io (busy for "EBUSY") for `code` (errno or GetLastError()):
// "cannot <doing> '<path>': <the system's words> (<errno's name>)".
[[noreturn]] void fail_io(const std::string& doing, const std::string& path, int code);

}  // namespace mmappickle::os
