#include "items.h"

#include <algorithm>
#include <cmath>

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52) - 1;
constexpr int kMaxExtended = 16;

// v >> n, to nearest, ties to even.
std::uint64_t round_shift(std::uint64_t v, int n) {
  if (n > 64) return 0;
  if (n == 64) return v > kSign ? 1 : 0;
  const std::uint64_t rest = v & ((std::uint64_t{1} << n) - 1);
  const std::uint64_t half = std::uint64_t{1} << (n - 1), q = v >> n;
  return q + (rest > half || (rest == half && (q & 1)) ? 1 : 0);
}

}  // namespace

double half_to_double(std::uint16_t half) {
  const std::uint64_t sign = static_cast<std::uint64_t>(half & 0x8000) << 48;
  const std::uint64_t exponent = half >> 10 & 31, fraction = half & 1023;
  if (exponent == 0) {
    const double v = static_cast<double>(fraction) * 0x1p-24;
    return sign ? -v : v;
  }
  const std::uint64_t e = exponent == 31 ? 2047 : exponent - 15 + 1023;
  return bits_as<double>(sign | e << 52 | fraction << 42);
}

std::uint16_t double_to_half(double v) {
  const std::uint64_t bits = bits_as<std::uint64_t>(v);
  const std::uint64_t magnitude = bits & ~kSign;
  const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000);
  const auto with_sign = [&](std::uint64_t h) {
    return static_cast<std::uint16_t>(sign | h);
  };
  if (std::isnan(v)) {
    const std::uint64_t payload = bits >> 42 & 1023;
    return with_sign(0x7c00 | (payload ? payload : 512));
  }
  const double size = bits_as<double>(magnitude);
  if (size >= kHalfOverflow) return with_sign(0x7c00);
  if (size < 0x1p-14) {  // below the smallest normal number: whole multiples of 2^-24
    return with_sign(static_cast<std::uint64_t>(std::nearbyint(size * 0x1p24)));
  }
  // A carry out of the fraction raises the exponent, as it should.
  return with_sign(round_shift(magnitude - (std::uint64_t{1008} << 52), 42));
}

std::uint64_t extended_to_bits(const std::uint8_t* p, std::uint64_t itemsize,
                               bool big_endian) {
  std::uint8_t reversed[kMaxExtended];
  if (big_endian) {
    std::reverse_copy(p, p + itemsize, reversed);
    p = reversed;
  }
  std::uint64_t mantissa = load_u64(p);
  const std::uint16_t top = load_u16(p + 8);
  const std::uint64_t sign = top & 0x8000 ? kSign : 0;
  const int exponent = top & 0x7fff;
  if (exponent == 0x7fff) {
    std::uint64_t payload = (mantissa << 1) >> 12;
    if ((mantissa << 1) != 0 && payload == 0) payload = std::uint64_t{1} << 51;
    return sign | std::uint64_t{2047} << 52 | payload;
  }
  if (mantissa == 0) return sign;
  int e = (exponent ? exponent : 1) - 16383 + 1023;  // as a double's biased exponent
  for (; !(mantissa & kSign); --e) mantissa <<= 1;
  if (e >= 2047) return sign | std::uint64_t{2047} << 52;
  if (e <= 0) return sign | round_shift(mantissa, 12 - e);
  // The integer bit, kept in the sum, adds one to the exponent; so may a carry.
  return sign | ((static_cast<std::uint64_t>(e - 1) << 52) + round_shift(mantissa, 11));
}

void bits_to_extended(std::uint64_t bits, std::uint8_t* p, std::uint64_t itemsize,
                      bool big_endian) {
  int exponent = static_cast<int>(bits >> 52 & 2047);
  std::uint64_t mantissa = (bits & kFraction) << 11;
  if (exponent == 2047) {
    exponent = 0x7fff;
    mantissa |= kSign;
  } else if (exponent > 0) {
    exponent += 16383 - 1023;
    mantissa |= kSign;
  } else if (mantissa != 0) {
    exponent = 1 + 16383 - 1023;
    for (; !(mantissa & kSign); --exponent) mantissa <<= 1;
  }
  std::memset(p, 0, itemsize);
  store_u64(p, mantissa);
  store_le(p + 8, static_cast<std::uint64_t>(exponent) | (bits >> 63) << 15, 2);
  if (big_endian) std::reverse(p, p + itemsize);
}

}  // namespace mmappickle::numpy
