// Decimals: integers of 4 to 32 bytes and a power of ten.
#pragma once

#include "../base/bytes.h"

namespace mmappickle::arrow {

// The double nearest to item * 10^-scale. `exact`: written with as many digits as the
// decimal has, the double is that decimal.
double nearest_double(Bytes item, std::int64_t scale, bool& exact);

}  // namespace mmappickle::arrow
