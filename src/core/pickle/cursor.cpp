#include "cursor.h"

#include <cstring>

#include "../base/error.h"

namespace mmappickle::pickle {

Bytes Cursor::line() {
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
