// Bytes on their way to consecutive places of a file: small pieces are collected, large
// ones written as they are.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "../base/output.h"
#include "../os/file.h"

namespace mmappickle::store {

class Appender {
 public:
  // `poll` (may be empty) is called between large writes; it may throw Interrupted. Bytes
  // before the offset `keep` are not written but kept.
  Appender(os::File& file, std::uint64_t at, const std::function<void()>& poll,
           std::uint64_t keep = 0)
      : file_(file), at_(at), poll_(poll), keep_(keep) {}

  // Where the next byte goes.
  std::uint64_t at() const { return at_ + filled_; }
  std::uint64_t written() const { return at_; }
  void put(Bytes bytes);
  void put(const Source& source);  // its large holes stay holes
  void put(const Output& output);
  // Leaves a hole. There must be no bytes in the file from here on.
  void skip(std::uint64_t n);
  // The last bytes are in the file only after this.
  void flush();
  const std::function<void()>& poll() const { return poll_; }
  Bytes kept() const { return Bytes(kept_.data(), kept_.size()); }

 private:
  void put(const Source& source, std::uint64_t begin, std::uint64_t end);
  std::uint64_t copy(const Source& source, std::uint64_t begin, std::uint64_t end);
  void write(Bytes bytes);
  std::uint8_t* room(std::uint64_t n);
  std::uint64_t left_to_keep() const { return at_ < keep_ ? keep_ - at_ : 0; }

  os::File& file_;
  std::uint64_t at_;  // of the first byte that is not written
  const std::function<void()>& poll_;
  std::uint64_t keep_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t filled_ = 0, capacity_ = 0;
  std::vector<std::uint8_t> kept_;
};

}  // namespace mmappickle::store
