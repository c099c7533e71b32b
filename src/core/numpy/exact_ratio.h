// Quotients of whole numbers as the nearest double, rounded once: products of ticks and
// what a tick counts have more bits than any integer type that every compiler has.
#pragma once

#include <cfloat>
#include <cstdint>
#include <initializer_list>

namespace mmappickle::numpy {

// Whether a sum or quotient of doubles is the nearest double. The x87 rounds to 64 bits,
// and once more where the result is stored, which is not the same; until then it has
// them.
constexpr bool kRoundsToDouble = FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1;

// What is stored of it.
inline double rounded_to_double(double v) {
  if (kRoundsToDouble) return v;
  const volatile double stored = v;
  return stored;
}

// The product of a number and of factors, plus `more`, over `divisor` (0 < it < 2^62).
// Factors are below 2^32, and the product with its sum below 2^127, and not of another
// sign than the product of the first two.
double exact_ratio(std::int64_t number, std::initializer_list<std::uint32_t> factors,
                   std::int64_t more, std::uint64_t divisor);

// whole + rest / per_second, |rest| < per_second: the quick way, for very many.
double exact_seconds(std::int64_t whole, std::int64_t rest, std::int64_t per_second);

// seconds + part in one double, rounded once, where `part` is the quotient of a rest by
// what a second has, rounded, and has the sign of `seconds` or either is 0. `part` was
// rounded in a place below any that counts in the sum, which is thus right but where it
// lies just between two doubles: then false.
inline bool rounded_once(double seconds, double part, double& sum) {
  if (!kRoundsToDouble) return false;
  sum = seconds + part;
  const double left = part - (sum - seconds);
  return left == 0 || (sum + 2 * left) - sum != 2 * left;
}

// Nanoseconds as seconds; false where that is left to exact_seconds(). A division by a
// constant is a multiplication.
inline bool exact_nanoseconds(std::int64_t ticks, double& seconds) {
  constexpr std::int64_t kSecond = 1000000000;
  const std::int64_t whole = ticks / kSecond;
  return rounded_once(static_cast<double>(whole),
                      static_cast<double>(ticks - whole * kSecond) / kSecond, seconds);
}

}  // namespace mmappickle::numpy
