#include "exact_ratio.h"

#include <cmath>

namespace mmappickle::numpy {

namespace {

constexpr int kLimbs = 4;  // of 32 bits, the lowest first

struct Magnitude {
  std::uint32_t limbs[kLimbs] = {};

  explicit Magnitude(std::uint64_t v) {
    limbs[0] = static_cast<std::uint32_t>(v);
    limbs[1] = static_cast<std::uint32_t>(v >> 32);
  }
  void multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::uint32_t& limb : limbs) {
      carry += std::uint64_t{limb} * factor;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  void add(std::int64_t more) {  // the result is not negative
    const std::uint64_t bits = static_cast<std::uint64_t>(more);
    const std::uint32_t sign = more < 0 ? UINT32_MAX : 0;
    const std::uint32_t term[kLimbs] = {static_cast<std::uint32_t>(bits),
                                        static_cast<std::uint32_t>(bits >> 32), sign,
                                        sign};
    std::uint64_t carry = 0;
    for (int i = 0; i < kLimbs; ++i) {
      carry += std::uint64_t{limbs[i]} + term[i];
      limbs[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  bool is_zero() const { return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) == 0; }
};

// Long division, bit by bit, up to three bits more than a double has and whether there
// are others.
double divided(const Magnitude& number, std::uint64_t divisor) {
  if (number.is_zero()) return 0;
  constexpr std::uint64_t kEnough = std::uint64_t{1} << 55;
  std::uint64_t quotient = 0, rest = 0;
  int exponent = 0;
  bool more = false;
  const auto step = [&](unsigned bit) {
    rest = rest << 1 | bit;
    const bool one = rest >= divisor;
    if (one) rest -= divisor;
    if (quotient >= kEnough) {  // past what counts
      more = more || one;
      ++exponent;
    } else {
      quotient = quotient << 1 | static_cast<std::uint64_t>(one);
    }
  };
  for (int i = 32 * kLimbs - 1; i >= 0; --i) step(number.limbs[i / 32] >> (i % 32) & 1);
  while (quotient < kEnough) {
    step(0);
    --exponent;
  }
  if (more || rest != 0) quotient |= 1;
  return std::ldexp(static_cast<double>(quotient), exponent);
}

std::uint64_t magnitude(std::int64_t v) {
  return v < 0 ? ~static_cast<std::uint64_t>(v) + 1 : static_cast<std::uint64_t>(v);
}

}  // namespace

double exact_ratio(std::int64_t number, std::initializer_list<std::uint32_t> factors,
                   std::int64_t more, std::uint64_t divisor) {
  const bool negative = number < 0;
  Magnitude product(magnitude(number));
  for (std::uint32_t factor : factors) product.multiply(factor);
  product.add(negative ? -more : more);
  const double ratio = divided(product, divisor);
  return negative ? -ratio : ratio;
}

double exact_seconds(std::int64_t whole, std::int64_t rest, std::int64_t per_second) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  if (whole < 0 && rest > 0) {
    ++whole;
    rest -= per_second;
  } else if (whole > 0 && rest < 0) {
    --whole;
    rest += per_second;
  }
  const bool exact =
      whole <= kExact && whole >= -kExact && rest <= kExact && rest >= -kExact;
  if (exact) {
    const auto seconds = static_cast<double>(whole);
    const double part = static_cast<double>(rest) / static_cast<double>(per_second);
    double sum;
    if (rounded_once(seconds, part, sum)) return sum;
  }
  const bool negative = whole < 0 || rest < 0;
  const std::uint64_t seconds = magnitude(whole);
  // (whole * per_second + rest) / per_second, with factors below 2^32
  const auto per = static_cast<std::uint64_t>(per_second);
  const std::uint32_t first =
      per >= 1000000000 ? 1000000000 : static_cast<std::uint32_t>(per);
  const auto second = static_cast<std::uint32_t>(per / first);
  Magnitude product(seconds);
  product.multiply(first);
  product.multiply(second);
  product.add(static_cast<std::int64_t>(magnitude(rest)));
  const double ratio = divided(product, per);
  return negative ? -ratio : ratio;
}

}  // namespace mmappickle::numpy
