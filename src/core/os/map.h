// A file mapped into memory: to be read only, or a range of it that may be written to,
// privately. Nothing that is written to these pages reaches the file; those of shared()
// are the one exception.
#pragma once

#include <atomic>
#include <memory>

#include "file.h"

namespace mmappickle::os {

struct GuardSlot;

// Alive as long as anybody holds the shared_ptr; closing or replacing the file does not
// end it. A read beyond a file that was cut gives zeros and marks the mapping damaged
// (see guard.h), instead of ending the process. Bytes beyond the end of the file must not
// be touched: check against File::status().
class Mapping {
 public:
  // The whole file, at least `size` bytes, with slack beyond its end (Linux), so that
  // growth needs no new map; exact where memory limits ask for it. Many read through it,
  // so that nobody may write: who does so ends the process. Error of kind io.
  static std::shared_ptr<Mapping> of(const File& file, std::uint64_t size);
  // The pages that hold `size` bytes from `offset` on. `writable`: private and
  // copy-on-write, for one owner, who may write; what was not written to follows the file
  // as in any map.
  static std::shared_ptr<Mapping> of_range(const File& file, std::uint64_t offset,
                                           std::uint64_t size, bool writable);
  // The first `size` bytes, shared: what is stored there is the file's. For Overwriter.
  static std::shared_ptr<Mapping> shared(const File& file, std::uint64_t size);
  // False where a map of `size` bytes would take too much of what address space this
  // process may have, by its limits or by the machine's pointers: larger files are read
  // piece by piece, and mapped entry by entry.
  static bool is_affordable(std::uint64_t size);
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  const std::uint8_t* data() const { return data_; }
  std::uint64_t begin() const { return begin_; }  // offset in the file
  std::uint64_t size() const { return size_; }    // mapped, slack included
  // From offsets in the file to addresses, and back. The caller keeps inside.
  const std::uint8_t* at(std::uint64_t offset) const { return data_ + (offset - begin_); }
  std::uint64_t offset_of(const std::uint8_t* p) const {
    return begin_ + static_cast<std::uint64_t>(p - data_);
  }
  bool covers(std::uint64_t offset, std::uint64_t size) const {
    return offset >= begin_ && offset - begin_ <= size_ &&
           size <= size_ - (offset - begin_);
  }
  bool holds(const std::uint8_t* p) const { return p >= data_ && p < data_ + size_; }
  // True once the guard had to put zeros in the place of bytes that were cut off.
  bool damaged() const { return damaged_.load(std::memory_order_relaxed); }
  const Identity& identity() const { return identity_; }

 private:
  friend struct Guard;
  Mapping() = default;
  std::uint8_t* data_ = nullptr;
  std::uint64_t begin_ = 0, size_ = 0;
  std::atomic<bool> damaged_{false};
  Identity identity_;
  GuardSlot* slot_ = nullptr;
  void* native_ = nullptr;
};

}  // namespace mmappickle::os
