// Bytes that go to many places of a file at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mmappickle {

struct Run {
  std::uint64_t at, size;  // in the file
};

// Borrowed. The runs' bytes stand packed, one run's behind the other's; they are written
// in this order: where two runs meet the last one counts.
struct Runs {
  const Run* begin = nullptr;
  std::size_t count = 0;
  const std::uint8_t* bytes = nullptr;
};

}  // namespace mmappickle
