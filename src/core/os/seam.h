// The seam: every system call that changes a file passes here, so that tests can record
// the calls, let the n-th one fail, or kill the process there.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mmappickle::os {

// A descriptor (POSIX) or a HANDLE (Windows).
using Native = std::intptr_t;
constexpr Native kNoNative = -1;

// What a system call gave: `error` is 0 or errno's value (on Windows GetLastError()'s);
// `count` the bytes done, where the call has such.
struct Outcome {
  int error = 0;
  std::uint64_t count = 0;
};

// One method a system call; each makes exactly one attempt (short writes and EINTR are
// the callers' business). Paths are UTF-8. The base class makes the real calls.
class Seam {
 public:
  virtual ~Seam() = default;
  virtual Outcome write_at(Native file, const std::uint8_t* bytes, std::uint64_t n,
                           std::uint64_t offset);
  virtual Outcome truncate(Native file, std::uint64_t size);
  virtual Outcome sync(Native file);  // data and size on disk
  virtual Outcome punch(Native file, std::uint64_t offset, std::uint64_t n);
  // Creates `path`, which must not exist; open for reading and writing.
  virtual Outcome create(const std::string& path, std::uint32_t mode, Native& file);
  virtual Outcome rename(const std::string& from, const std::string& to);
  virtual Outcome remove(const std::string& path);
  virtual Outcome sync_folder(const std::string& path);
  // Mode and owner of `like` given to `file`.
  virtual Outcome copy_owner(Native like, Native file);
};

// The real calls. Stateless, lives for ever.
Seam& real_seam();

// For tests: makes the real calls and keeps a log of them. The `fail_at`-th call (1 is
// the first), and that call alone, is not made and fails with `error`; before the
// `kill_at`-th the process is killed. With `partial` a write that is hit so first does
// half of its bytes; the log shows what was done.
class FaultySeam : public Seam {
 public:
  struct Call {
    std::string name;  // "write_at", "truncate", ...
    std::uint64_t offset = 0;
    std::uint64_t size = 0;             // truncate: the new size; punch: the length
    std::vector<std::uint8_t> bytes{};  // write_at: what was written
    std::string path{}, to{};           // create, rename, remove, sync_folder
  };
  std::vector<Call> log;
  bool keep_bytes = true;
  std::uint64_t calls = 0, fail_at = 0, kill_at = 0;
  int error = EIO;
  bool partial = false;

  Outcome write_at(Native, const std::uint8_t*, std::uint64_t, std::uint64_t) override;
  Outcome truncate(Native, std::uint64_t) override;
  Outcome sync(Native) override;
  Outcome punch(Native, std::uint64_t, std::uint64_t) override;
  Outcome create(const std::string&, std::uint32_t, Native&) override;
  Outcome rename(const std::string&, const std::string&) override;
  Outcome remove(const std::string&) override;
  Outcome sync_folder(const std::string&) override;
  Outcome copy_owner(Native, Native) override;

 private:
  // True if this call is to fail; does not return if it is to kill.
  bool strike();
};

}  // namespace mmappickle::os
