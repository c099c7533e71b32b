// datetime64 and timedelta64: ticks of a unit to R's days, seconds, and difftime units.
#pragma once

#include <string_view>

#include "kernels.h"

namespace mmappickle::numpy {

constexpr std::int64_t kNaT = INT64_MIN;

// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible
// low-level date algorithms"). Month 1 to 12.
std::int64_t days_from_civil(std::int64_t year, int month, int day);
void civil_from_days(std::int64_t days, std::int64_t& year, int& month, int& day);

// How one dtype counts. Made once for many items.
class TimeScale {
 public:
  // `dtype` is datetime64 or timedelta64.
  explicit TimeScale(const Dtype& dtype);

  const Target& target() const { return target_; }
  // A tick in target().meaning's unit: days (date), seconds (datetime), target().units.
  double value(std::int64_t ticks) const;
  // Ticks of less than 2^51 are values divided by this; 0 where it is not as simple.
  double divisor() const { return divided_by_; }
  // The nearest tick; false if there is none in 64 bits (or it would be NaT).
  bool ticks(double value, std::int64_t& ticks) const;

 private:
  Target target_;
  bool calendar_ = false;                   // Y, M of datetime64: not all of one length
  bool years_ = false;                      // with calendar_
  std::uint32_t factor_ = 1, divisor_ = 1;  // target units a unit, for the coarser ones
  std::int64_t per_second_ = 1;             // units a second, for the finer ones
  std::int64_t multiple_ = 1;
  double divided_by_ = 0;
};

double seconds_per_unit(std::string_view units);  // "secs" ... "weeks"; 1 for others
double seconds_per(const Target& target);         // of a date 86400, of a datetime 1

}  // namespace mmappickle::numpy
