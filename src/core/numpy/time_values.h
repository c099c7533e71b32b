// R's dates, times and differences (doubles or integers, of RValues' meaning), and what
// is left of them in the dtypes that they get without being asked.
#pragma once

#include "kernels.h"

namespace mmappickle::numpy {

// NA for an integer NA.
double number_at(const RValues& values, std::uint64_t i);
// Each has a tick, or is NaN.
bool have_ticks(const RValues& values);
// Each comes back with all its bits; of the NaNs only NA does.
bool are_exact(const RValues& values);
// The days on which they fall.
std::vector<double> whole_days(const RValues& values);

}  // namespace mmappickle::numpy
