// Single items as they lie in files: byte order, the floats that C++ has no type for.
#pragma once

#include "dtype.h"

namespace mmappickle::numpy {

inline std::uint8_t swap_bytes(std::uint8_t v) { return v; }
inline std::uint16_t swap_bytes(std::uint16_t v) {
  return static_cast<std::uint16_t>(v << 8 | v >> 8);
}
inline std::uint32_t swap_bytes(std::uint32_t v) {
  return v << 24 | (v & 0xff00u) << 8 | (v >> 8 & 0xff00u) | v >> 24;
}
inline std::uint64_t swap_bytes(std::uint64_t v) {
  return static_cast<std::uint64_t>(swap_bytes(static_cast<std::uint32_t>(v))) << 32 |
         swap_bytes(static_cast<std::uint32_t>(v >> 32));
}

template <class Bits, bool kSwap>
Bits load_item(const std::uint8_t* p) {
  const Bits v = load_native<Bits>(p);
  return kSwap ? swap_bytes(v) : v;
}

template <class Bits, bool kSwap>
void store_item(std::uint8_t* p, Bits v) {
  if (kSwap) v = swap_bytes(v);
  std::memcpy(p, &v, sizeof v);
}

// By a reference: a copy of a double through a register of the x87 makes a signalling
// NaN, such as R's NA, a quiet one.
template <class To, class From>
To bits_as(const From& v) {
  static_assert(sizeof(To) == sizeof(From), "a view of the same bits");
  To to;
  std::memcpy(&to, &v, sizeof to);
  return to;
}

// Unlike ==: NaNs by their payloads, zeros by their signs.
inline bool same_bits(const double& a, const double& b) {
  return bits_as<std::uint64_t>(a) == bits_as<std::uint64_t>(b);
}

// Finite doubles from here on round to infinity in float16 and float32.
constexpr double kHalfOverflow = 65520, kSingleOverflow = 0x1.ffffffp127;

// Exact; NaN payloads keep their place from the top.
double half_to_double(std::uint16_t half);
// Rounds to nearest, ties to even; 65520 and more become infinity.
std::uint16_t double_to_half(double v);

// x87's 80-bit extended float in 10 bytes, little-endian, and 2 or 6 bytes of padding
// (`itemsize`); big-endian: all bytes reversed. To and from the bits of a double; rounds
// to nearest, ties to even.
std::uint64_t extended_to_bits(const std::uint8_t* p, std::uint64_t itemsize,
                               bool big_endian);
void bits_to_extended(std::uint64_t bits, std::uint8_t* p, std::uint64_t itemsize,
                      bool big_endian);

}  // namespace mmappickle::numpy
