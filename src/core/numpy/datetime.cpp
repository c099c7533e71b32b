#include "datetime.h"

#include <cmath>

#include "exact_ratio.h"

namespace mmappickle::numpy {
namespace {

constexpr double kDay = 86400;
// R has no unit above the week: years and months of timedelta64 become days of the mean
// Gregorian year, as NumPy's own conversions have it.
constexpr double kDaysPerYear = 365.2425;
constexpr std::uint32_t kDaysPerCycle = 146097;  // of 400 years
// Years that days_from_civil() takes without overflow; far beyond R's own.
constexpr std::int64_t kMaxYears = std::int64_t{1} << 53;
constexpr double kTwo63 = 9223372036854775808.0;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

bool round_to_int64(double v, std::int64_t& out) {
  v = std::nearbyint(v);
  if (!(v > -kTwo63 && v < kTwo63)) return false;
  out = static_cast<std::int64_t>(v);
  return true;
}

}  // namespace

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

void civil_from_days(std::int64_t days, std::int64_t& year, int& month, int& day) {
  days += 719468;
  const std::int64_t era = floor_divide(days, 146097);
  const int day_of_era = static_cast<int>(days - era * 146097);
  const int year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int m = (5 * day_of_year + 2) / 153;
  day = day_of_year - (153 * m + 2) / 5 + 1;
  month = m + (m < 10 ? 3 : -9);
  year = year_of_era + era * 400 + (month <= 2);
}

double seconds_per_unit(std::string_view units) {
  return units == "weeks"   ? 7 * kDay
         : units == "days"  ? kDay
         : units == "hours" ? 3600
         : units == "mins"  ? 60
                            : 1;
}

double seconds_per(const Target& target) {
  if (target.meaning == Meaning::date) return kDay;
  return target.meaning == Meaning::difftime ? seconds_per_unit(target.units) : 1;
}

TimeScale::TimeScale(const Dtype& dtype) : multiple_(dtype.multiple) {
  const bool date = dtype.kind == Kind::datetime;
  const auto is = [&](Meaning datetime, const char* units, std::uint32_t factor,
                      std::uint32_t divisor = 1) {
    target_.meaning = date ? datetime : Meaning::difftime;
    target_.units = date ? "" : units;
    factor_ = factor;
    divisor_ = divisor;
  };
  switch (dtype.unit) {
    case Unit::generic:
      break;
    case Unit::Y:
      is(Meaning::date, "days", 3652425, 10000);
      calendar_ = years_ = date;
      break;
    case Unit::M:
      is(Meaning::date, "days", 30436875, 1000000);
      calendar_ = date;
      break;
    case Unit::W:
      is(Meaning::date, "weeks", date ? 7 : 1);
      break;
    case Unit::D:
      is(Meaning::date, "days", 1);
      break;
    case Unit::h:
      is(Meaning::datetime, "hours", date ? 3600 : 1);
      break;
    case Unit::m:
      is(Meaning::datetime, "mins", date ? 60 : 1);
      break;
    default:
      is(Meaning::datetime, "secs", 1);
      for (auto u = static_cast<int>(Unit::s); u < static_cast<int>(dtype.unit); ++u) {
        per_second_ *= 1000;
      }
  }
  if (!calendar_ && multiple_ == 1 && factor_ == 1) {
    divided_by_ = static_cast<double>(divisor_) * static_cast<double>(per_second_);
  }
}

double TimeScale::value(std::int64_t ticks) const {
  if (ticks == kNaT) return na_real();
  const auto multiple = static_cast<std::uint32_t>(multiple_);
  if (ticks > INT64_MAX / multiple_ || ticks < -(INT64_MAX / multiple_)) {
    // (Of the calendar's units, with a multiple: years that no date has.)
    if (calendar_) {
      return static_cast<double>(ticks) * static_cast<double>(multiple_) *
             (years_ ? kDaysPerYear : kDaysPerYear / 12);
    }
    return exact_ratio(ticks, {multiple, factor_}, 0,
                       divisor_ * static_cast<std::uint64_t>(per_second_));
  }
  const std::int64_t units = ticks * multiple_;
  if (calendar_) {
    const std::int64_t years = years_ ? units : floor_divide(units, 12);
    const int month = years_ ? 0 : static_cast<int>((units % 12 + 12) % 12);
    if (years <= kMaxYears && years >= -kMaxYears) {
      return static_cast<double>(days_from_civil(1970 + years, month + 1, 1));
    }
    // So many cycles of 400 years, and the day in the one that has no such year's number.
    const std::int64_t cycles = years / 400;
    const auto rest =
        static_cast<std::int64_t>(days_from_civil(1970 + years % 400, month + 1, 1));
    return exact_ratio(cycles, {kDaysPerCycle}, rest, 1);
  }
  if (per_second_ != 1) {
    return exact_seconds(units / per_second_, units % per_second_, per_second_);
  }
  constexpr std::int64_t kExact = (std::int64_t{1} << 53);
  const std::int64_t most = kExact / factor_;
  if (kRoundsToDouble && units <= most && units >= -most) {  // exact, or rounded once
    return static_cast<double>(units * factor_) / static_cast<double>(divisor_);
  }
  return exact_ratio(units, {factor_}, 0, divisor_);
}

bool TimeScale::ticks(double value, std::int64_t& ticks) const {
  if (!std::isfinite(value)) return false;
  std::int64_t units = 0;
  if (calendar_) {
    std::int64_t days = 0, year = 0;
    int month = 0, day = 0;
    if (!round_to_int64(value, days) || std::fabs(value) > kMaxYears) return false;
    civil_from_days(days, year, month, day);
    units = years_ ? year - 1970 : (year - 1970) * 12 + month - 1;
  } else if (per_second_ == 1) {
    return round_to_int64(value / factor_ * divisor_ / static_cast<double>(multiple_),
                          ticks);
  } else {
    const double whole = std::trunc(value);
    const auto per = static_cast<double>(per_second_);
    if (std::fabs(whole) >= kTwo63 / per) return false;
    const auto rest = static_cast<std::int64_t>(std::nearbyint((value - whole) * per));
    const std::int64_t sum = static_cast<std::int64_t>(whole) * per_second_;
    if (rest > 0 ? sum > INT64_MAX - rest : sum < -INT64_MAX - rest) return false;
    units = sum + rest;
  }
  ticks = multiple_ == 1 ? units : floor_divide(units, multiple_);
  return true;
}

}  // namespace mmappickle::numpy
