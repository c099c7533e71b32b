// Every system call on a file passes here, so that tests can record the calls
// that change it, let the n-th one fail, or kill the process there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../base/runs.h"

namespace mmappickle::os {

// A descriptor (POSIX) or a HANDLE (Windows).
using Native = std::intptr_t;
constexpr Native kNoNative = -1;

struct Status;  // file.h

// What a system call gave: `error` is 0 or errno's value (on Windows GetLastError()'s);
// `count` the bytes done, where the call has such.
struct Outcome {
  int error = 0;
  std::uint64_t count = 0;
};

// One method a system call; each makes exactly one attempt (short writes and EINTR are
// the callers' business). Paths are the
// system's bytes, on Windows UTF-8. The base class makes the real calls.
class SystemCalls {
 public:
  virtual ~SystemCalls() = default;

  // -- calls that change no file --------------------------------------------------------
  virtual Outcome open(const std::string& path, bool writing, Native& file);
  virtual Outcome read_at(Native file, std::uint8_t* to, std::uint64_t n,
                          std::uint64_t offset);
  virtual Outcome status(Native file, Status& status);
  virtual Outcome status(const std::string& path, Status& status);  // follows links
  // Whether the file lies in memory (tmpfs), where reading a hole through a map takes a
  // page of it.
  virtual Outcome in_memory(Native file, bool& yes);
  // See os::resolve(). A last component that does not exist (yet) stays as it is.
  virtual Outcome resolve(const std::string& path, std::string& resolved);
  // Does not wait: "EAGAIN" if somebody else holds a lock that conflicts.
  virtual Outcome try_lock(Native file, bool exclusive);
  // A second lock, which keeps nobody from anything: who holds it waits for the first
  // one. `yes`: it was got, or somebody else holds it. No system but Linux has one that
  // goes beside flock. Like unlocking it cannot fail in a way that matters.
  enum class Queue { enter, look, leave };
  virtual Outcome queue(Native file, bool exclusive, Queue what, bool& yes);
  // Whether no other descriptor of the file is open, nor a map alive that was made by
  // one, in this process or any other. (Who came by a fork has this very descriptor.) Not
  // where the system cannot tell.
  virtual Outcome is_alone(Native file, bool& yes);
  // Maps `n` bytes from `offset` on (a multiple of what the system maps), private, and
  // copy-on-write if `writable`; of kNoNative, for an empty file, pages of no file.
  virtual Outcome map(Native file, std::uint64_t offset, std::uint64_t n, bool writable,
                      std::uint8_t*& at);
  // The first `n` bytes, to be read and written: what is stored there is the file's.
  virtual Outcome map_shared(Native file, std::uint64_t n, std::uint8_t*& at);
  // What this process may write: no byte of any file behind it. The system answers what
  // lies beyond with SIGXFSZ, too, which would end R: so nobody may call write_at() with
  // it (File::write_at() sees to that); the other calls look for themselves.
  virtual std::uint64_t largest_file();
  // True where a map shows what is written to the file after it was made, and on Linux
  // what is written behind its end, too. Elsewhere (macOS) a new one is needed after each
  // write, and an empty file cannot be mapped.
  virtual bool maps_follow_files();

  // -- calls that change one ------------------------------------------------------------
  virtual Outcome write_at(Native file, const std::uint8_t* bytes, std::uint64_t n,
                           std::uint64_t offset);
  // Copies within the system, without a copy of the bytes where the file system shares
  // blocks. "EOPNOTSUPP", "EXDEV", "EINVAL" ... where it cannot; fewer bytes, or none,
  // where it would not.
  virtual Outcome copy(Native from, std::uint64_t at, Native to, std::uint64_t offset,
                       std::uint64_t n);
  // Into a map of map_shared(): no call of the system, but a change of the file.
  virtual Outcome store(std::uint8_t* map, const Runs& runs);
  virtual Outcome truncate(Native file, std::uint64_t size);
  virtual Outcome sync(Native file);  // data and size on disk
  // Lets the disk begin with these bytes, for a sync() that is to come, which tells of
  // errors; may do nothing.
  virtual void start_sync(Native file, std::uint64_t offset, std::uint64_t n);
  virtual Outcome punch(Native file, std::uint64_t offset, std::uint64_t n);
  // Creates `path`, which must not exist; open for reading and writing.
  virtual Outcome create(const std::string& path, std::uint32_t mode, Native& file);
  // Replaces `to`. "EBUSY" where the system replaces no file that somebody has open or
  // mapped (Windows).
  virtual Outcome rename(const std::string& from, const std::string& to);
  // "EEXIST" if `to` is there.
  virtual Outcome rename_new(const std::string& from, const std::string& to);
  virtual Outcome remove(const std::string& path);
  virtual Outcome sync_folder(const std::string& path);
  // Mode and owner of `like` given to `file`.
  virtual Outcome copy_owner(Native like, Native file);
};

// The real calls. Stateless, lives for ever.
SystemCalls& real_system_calls();

// For tests: makes the real calls and keeps a log of those that change files. The
// `fail_at`-th of these (1 is the first) and, among the others, the `fail_look_at`-th is
// not made and fails with `error` (errno's name), and so do the `lasting` ones behind it;
// before the `kill_at`-th change the process is killed. With `partial` a write that is
// hit so first does half of its bytes; the log shows what was done. Where `error` is
// empty nothing fails: a read or write that is hit is cut short, to half of its bytes
// with `partial`, else to a single one.
class FaultySystemCalls : public SystemCalls {
 public:
  struct Call {
    std::string name;  // "write_at", "truncate", ...
    std::uint64_t offset = 0;
    std::uint64_t size = 0;             // truncate: the new size; punch: the length
    std::vector<std::uint8_t> bytes{};  // write_at (and each run of a store()): what
    std::string path{}, to{};           // create, rename, remove, sync_folder
  };
  std::vector<Call> log;
  bool keep_bytes = true;
  std::uint64_t calls = 0, fail_at = 0, kill_at = 0;
  std::uint64_t looks = 0, fail_look_at = 0;
  std::uint64_t lasting = 0;
  std::string error = "EIO";
  bool partial = false;

  Outcome open(const std::string&, bool, Native&) override;
  Outcome read_at(Native, std::uint8_t*, std::uint64_t, std::uint64_t) override;
  Outcome status(Native, Status&) override;
  Outcome status(const std::string&, Status&) override;
  Outcome resolve(const std::string&, std::string&) override;
  Outcome try_lock(Native, bool) override;
  Outcome is_alone(Native, bool&) override;
  Outcome in_memory(Native, bool&) override;
  Outcome map(Native, std::uint64_t, std::uint64_t, bool, std::uint8_t*&) override;
  Outcome map_shared(Native, std::uint64_t, std::uint8_t*&) override;
  Outcome store(std::uint8_t*, const Runs&) override;
  Outcome write_at(Native, const std::uint8_t*, std::uint64_t, std::uint64_t) override;
  Outcome copy(Native, std::uint64_t, Native, std::uint64_t, std::uint64_t) override;
  Outcome truncate(Native, std::uint64_t) override;
  Outcome sync(Native) override;
  Outcome punch(Native, std::uint64_t, std::uint64_t) override;
  Outcome create(const std::string&, std::uint32_t, Native&) override;
  Outcome rename(const std::string&, const std::string&) override;
  Outcome rename_new(const std::string&, const std::string&) override;
  Outcome remove(const std::string&) override;
  Outcome sync_folder(const std::string&) override;
  Outcome copy_owner(Native, Native) override;

 private:
  int code() const;  // the system's, for `error`
  bool hits(std::uint64_t call, std::uint64_t first) const;
  // What a call of `n` bytes is to do: fail, after `count` bytes, or make so many.
  Outcome look(std::uint64_t n = 0);
  // True if this call is to fail; does not return if it is to kill.
  bool strike();
};

}  // namespace mmappickle::os
