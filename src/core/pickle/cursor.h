// Reads forward through the opcodes of a pickle, each with its argument. What the bytes
// do not hold is an Error that names the opcode at which it was missed.
#pragma once

#include <string>

#include "opcodes.h"

namespace mmappickle::pickle {

class Cursor {
 public:
  // `base` is added to offsets in errors.
  Cursor(Bytes input, std::uint64_t base) : input_(input), base_(base) {}

  std::uint64_t at() const { return at_; }
  std::uint64_t size() const { return input_.size; }
  bool at_end() const { return at_ == input_.size; }
  // What stands there was not looked at; see begin_entry().
  void extend(std::uint64_t size) { input_.size += size; }

  // The next opcode, and its argument: a number; what is counted, or a line, and maybe a
  // second one.
  std::uint8_t next();
  std::uint64_t number() const { return number_; }
  Bytes bytes() const { return bytes_; }
  Bytes second_line() const { return second_; }
  bool has(std::uint64_t size) const { return input_.holds(at_, size); }

  // What follows, where that is for errors, and what somebody else has read of it.
  Bytes rest() const { return input_.from(at_); }
  std::uint64_t offset() const { return base_ + at_; }
  void skip(std::uint64_t size) { take(size); }

  // `what` is a clause: "no MARK below APPENDS".
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail_truncated() const;

 private:
  Bytes take(std::uint64_t size) {
    if (!input_.holds(at_, size)) fail_truncated();
    const Bytes bytes = input_.slice(at_, size);
    at_ += size;
    return bytes;
  }
  template <int kBytes>
  std::uint64_t take_number();
  Bytes take_line();  // the line feed is skipped

  Bytes input_;
  std::uint64_t base_;
  std::uint64_t at_ = 0, opcode_at_ = 0;
  std::uint64_t number_ = 0;
  Bytes bytes_, second_;
};

}  // namespace mmappickle::pickle
