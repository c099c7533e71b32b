#include "time_values.h"

#include <cmath>

#include "datetime.h"
#include "items.h"
#include "values.h"

namespace mmappickle::numpy {

double number_at(const RValues& values, std::uint64_t i) {
  if (values.type != RType::integer) return value_at<double>(values.data, i);
  const auto v = value_at<std::int32_t>(values.data, i);
  return v == kNaInteger ? na_real() : v;
}

bool have_ticks(const RValues& values) {
  const TimeScale scale(natural_dtype(RType::real, values.meaning));
  for (std::uint64_t i = 0; i < values.count; ++i) {
    const double v = number_at(values, i);
    std::int64_t ticks;
    if (!std::isnan(v) && !scale.ticks(v * values.seconds_per_unit, ticks)) return false;
  }
  return true;
}

bool are_exact(const RValues& values) {
  const TimeScale scale(natural_dtype(RType::real, values.meaning));
  const double units = values.seconds_per_unit;
  for (std::uint64_t i = 0; i < values.count; ++i) {
    const double v = number_at(values, i);
    if (std::isnan(v)) {  // not through arithmetic, which may quieten it
      if (!same_bits(v, na_real())) return false;
      continue;
    }
    std::int64_t ticks = kNaT;
    scale.ticks(v * units, ticks);
    if (!same_bits(scale.value(ticks) / units, v)) return false;
  }
  return true;
}

std::vector<double> whole_days(const RValues& values) {
  std::vector<double> days(values.count);
  for (std::uint64_t i = 0; i < values.count; ++i) {
    days[i] = std::floor(number_at(values, i));
  }
  return days;
}

}  // namespace mmappickle::numpy
