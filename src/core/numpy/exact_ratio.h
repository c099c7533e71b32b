// Quotients of whole numbers as the nearest double, rounded once: products of ticks and
// what a tick counts have more bits than any integer type that every compiler has.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace mmappickle::numpy {

// The product of a number and of factors, plus `more`, over `divisor` (0 < it < 2^62).
// Factors are below 2^32, and the product with its sum below 2^127, and not of another
// sign than the product of the first two.
double exact_ratio(std::int64_t number, std::initializer_list<std::uint32_t> factors,
                   std::int64_t more, std::uint64_t divisor);

// whole + rest / per_second, |rest| < per_second: the quick way, for very many.
double exact_seconds(std::int64_t whole, std::int64_t rest, std::int64_t per_second);

}  // namespace mmappickle::numpy
