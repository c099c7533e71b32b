// Sums and products of sizes that a file claims: they may overflow, and say so.
#pragma once

#include <cstdint>

namespace mmappickle {

// False, and `out` untouched, if the sum does not fit.
inline bool checked_add(std::uint64_t a, std::uint64_t b, std::uint64_t& out) {
  if (a > UINT64_MAX - b) return false;
  out = a + b;
  return true;
}

inline bool checked_multiply(std::uint64_t a, std::uint64_t b, std::uint64_t& out) {
  if (b != 0 && a > UINT64_MAX / b) return false;
  out = a * b;
  return true;
}

}  // namespace mmappickle
