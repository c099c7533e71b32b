// Reads forward through the opcodes of a pickle. What the bytes do not hold is an Error
// that names the opcode at which it was missed.
#pragma once

#include <string>

#include "../base/bytes.h"

namespace mmappickle::pickle {

class Cursor {
 public:
  // `base` is added to offsets in errors.
  Cursor(Bytes input, std::uint64_t base) : input_(input), base_(base) {}

  std::uint64_t at() const { return at_; }
  std::uint64_t size() const { return input_.size; }
  bool at_end() const { return at_ == input_.size; }

  std::uint8_t opcode() {
    opcode_at_ = at_;
    return byte();
  }
  std::uint8_t byte() {
    if (at_end()) fail_truncated();
    return input_[at_++];
  }
  // A little-endian number of so many bytes.
  std::uint64_t number(int bytes) {
    return load_le(take(static_cast<std::uint64_t>(bytes)).data, bytes);
  }
  Bytes take(std::uint64_t size) {
    if (!input_.holds(at_, size)) fail_truncated();
    const Bytes bytes = input_.slice(at_, size);
    at_ += size;
    return bytes;
  }
  // Up to the next line feed, which is skipped.
  Bytes line();
  bool has(std::uint64_t size) const { return input_.holds(at_, size); }

  // `what` is a clause: "no MARK below APPENDS".
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail_truncated() const;

 private:
  Bytes input_;
  std::uint64_t base_;
  std::uint64_t at_ = 0, opcode_at_ = 0;
};

}  // namespace mmappickle::pickle
