// A file mapped into memory, private and copy-on-write: nothing that is written to these
// pages reaches the file, whoever writes.
#pragma once

#include <atomic>
#include <memory>

#include "file.h"

namespace mmappickle::os {

// Maps the whole file with slack beyond its end (Linux), so that growth needs no new map.
// Bytes beyond the end of the file must not be touched: check against File::status().
// Alive as long as anybody holds the shared_ptr; closing or replacing the file does not
// end it. A read beyond a file that was cut gives zeros and marks the mapping damaged
// (see guard.h), instead of ending the process.
class Mapping {
 public:
  // At least `size` bytes. Falls back from a writable to a read-only and from slack to
  // exact size where memory limits ask for it. Error of kind io if nothing works.
  static std::shared_ptr<Mapping> of(const File& file, std::uint64_t size);
  // True where a map shows what is written to the file after it was made, in all bytes
  // below size() (Linux, Windows). Elsewhere a new one is needed after each write.
  static bool follows_file();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  const std::uint8_t* data() const { return data_; }
  std::uint64_t size() const { return size_; }  // mapped, slack included
  // False where only a read-only map could be had: a writer into the pages would die.
  bool writable() const { return writable_; }
  // True once the guard had to put zeros in the place of bytes that were cut off.
  bool damaged() const { return damaged_.load(std::memory_order_relaxed); }
  bool holds(const std::uint8_t* p) const { return p >= data_ && p < data_ + size_; }
  const Identity& identity() const { return identity_; }

 private:
  friend struct Guard;
  Mapping() = default;
  std::uint8_t* data_ = nullptr;
  std::uint64_t size_ = 0;
  bool writable_ = false;
  std::atomic<bool> damaged_{false};
  Identity identity_;
  int slot_ = -1;  // in the guard's table
  void* native_ = nullptr;
};

}  // namespace mmappickle::os
