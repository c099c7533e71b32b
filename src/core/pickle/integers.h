// Integers of any size: two's complement, little-endian, as LONG1 and LONG4 hold them.
#pragma once

#include <string>

#include "../base/bytes.h"

namespace mmappickle::pickle {

// Without the bytes at the end that only repeat the sign; 0 is no bytes at all.
Bytes minimal_twos_complement(Bytes bytes);

// At most 8 bytes.
std::int64_t load_twos_complement(Bytes bytes);

// The nearest double, of two the even one; infinite beyond the largest.
double twos_complement_to_double(Bytes bytes);

// Decimal digits, maybe with a minus sign, to minimal bytes. Quadratic, so up to
// kMaxDecimalDigits digits only (tens of milliseconds); beyond that an Error of kind
// unsupported. CPython itself reads no more than 4300.
constexpr std::uint64_t kMaxDecimalDigits = 100000;
std::string decimal_to_twos_complement(Bytes decimal);
// And back, with the same limit.
std::string twos_complement_to_decimal(Bytes bytes);

}  // namespace mmappickle::pickle
