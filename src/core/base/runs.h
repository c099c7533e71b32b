// Bytes that go to many places of a file at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mmappickle {

// `count` pieces of `size` bytes each; from one to the next it is `step` bytes.
struct Run {
  std::uint64_t at, size;  // in the file
  std::uint64_t count = 1;
  std::int64_t step = 0;
  std::uint64_t bytes() const { return size * count; }
  // Of the i-th piece; modulo 2^64, as steps may be negative.
  std::uint64_t place(std::uint64_t i) const {
    return at + static_cast<std::uint64_t>(step) * i;
  }
};

// Borrowed. The runs' bytes stand packed, one piece's behind the other's; they are
// written in this order: where two pieces meet the last one counts.
struct Runs {
  const Run* begin = nullptr;
  std::size_t count = 0;
  const std::uint8_t* bytes = nullptr;
};

}  // namespace mmappickle
