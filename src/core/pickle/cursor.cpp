#include "cursor.h"

#include <cstring>

#include "../base/error.h"

namespace mmappickle::pickle {

template <int kBytes>
std::uint64_t Cursor::take_number() {
  return load_le(take(kBytes).data, kBytes);
}

std::uint8_t Cursor::next() {
  opcode_at_ = at_;
  const std::uint8_t opcode = take(1)[0];
  switch (op::argument_of(opcode)) {
    case op::Argument::unknown:
    case op::Argument::none:
      break;
    case op::Argument::number1:
      number_ = take_number<1>();
      break;
    case op::Argument::number2:
      number_ = take_number<2>();
      break;
    case op::Argument::number4:
      number_ = take_number<4>();
      break;
    case op::Argument::number8:
      number_ = take_number<8>();
      break;
    case op::Argument::counted1:
      bytes_ = take(take_number<1>());
      break;
    case op::Argument::counted4:
      bytes_ = take(take_number<4>());
      break;
    case op::Argument::counted8:
      bytes_ = take(take_number<8>());
      break;
    case op::Argument::counted_int: {
      const std::uint64_t size = take_number<4>();
      if (size > INT32_MAX) fail("a negative length");
      bytes_ = take(size);
      break;
    }
    case op::Argument::line:
      bytes_ = take_line();
      break;
    case op::Argument::two_lines:
      bytes_ = take_line();
      second_ = take_line();
      break;
  }
  return opcode;
}

Bytes Cursor::take_line() {
  const std::uint64_t left = input_.size - at_;
  const void* end =
      left == 0 ? nullptr
                : std::memchr(input_.data + at_, '\n', static_cast<std::size_t>(left));
  if (end == nullptr) fail_truncated();
  const Bytes bytes = take(static_cast<std::uint64_t>(
      static_cast<const std::uint8_t*>(end) - (input_.data + at_)));
  ++at_;
  return bytes;
}

void Cursor::fail(const std::string& what) const {
  const std::uint64_t offset = base_ + opcode_at_;
  throw Error(ErrorKind::format,
              "Invalid pickle: " + what + " (at offset " + std::to_string(offset) + ").",
              "The bytes may be damaged, or may be no pickle at all.", offset);
}

void Cursor::fail_truncated() const {
  const std::uint64_t offset = base_ + opcode_at_;
  throw Error(ErrorKind::format,
              "Invalid pickle: the bytes end before the pickle does (at offset " +
                  std::to_string(offset) + ").",
              "The bytes may have been cut off.", offset);
}

}  // namespace mmappickle::pickle
