#include "element_text.h"

#include <cmath>
#include <cstdio>

#include "../base/number_text.h"
#include "../numpy/datetime.h"
#include "../numpy/items.h"

namespace mmappickle::plan {

namespace {

std::string real_text(double v) {
  if (v != v) {  // R knows its NA by the lower word
    const auto word = numpy::bits_as<std::uint64_t>(v) & UINT32_MAX;
    return word == (numpy::kNaRealBits & UINT32_MAX) ? "NA" : "NaN";
  }
  return number_text(v, 7);
}

std::string date_text(double days) {
  std::int64_t year = 0;
  int month = 0, day = 0;
  if (!(std::fabs(days) < 1e7)) return days != days ? "NA" : real_text(days) + " days";
  numpy::civil_from_days(static_cast<std::int64_t>(std::floor(days)), year, month, day);
  char text[40];
  std::snprintf(text, sizeof text, "%04lld-%02d-%02d", static_cast<long long>(year),
                month, day);
  return text;
}

std::string time_text(const std::string& date, int hour, int minute, int second) {
  char text[16];
  std::snprintf(text, sizeof text, " %02d:%02d:%02d", hour % 100, minute % 100,
                second % 100);
  return date + text;
}

std::string moment_text(double seconds) {
  if (!(std::fabs(seconds) < 1e11)) {
    return seconds != seconds ? "NA" : real_text(seconds) + " s";
  }
  const double days = std::floor(seconds / 86400);
  const int rest = static_cast<int>(seconds - days * 86400);
  return time_text(date_text(days), rest / 3600, rest / 60 % 60, rest % 60) + " UTC";
}

}  // namespace

std::string element_text(const Scalar& scalar, std::string_view units) {
  switch (scalar.kind) {
    case Scalar::logical:
      return scalar.integer != 0 ? "TRUE" : "FALSE";
    case Scalar::whole:
      return std::to_string(scalar.integer);
    case Scalar::real:
      return real_text(scalar.number);
    case Scalar::complex:
      return real_text(scalar.number) + (std::signbit(scalar.imaginary) ? "" : "+") +
             real_text(scalar.imaginary) + "i";
    case Scalar::date:
      return date_text(scalar.number);
    case Scalar::naive:
    case Scalar::aware:
      return moment_text(scalar.number);
    case Scalar::zoned: {
      const double* f = scalar.fields;
      const double days = static_cast<double>(
          numpy::days_from_civil(static_cast<std::int64_t>(f[0]), static_cast<int>(f[1]),
                                 static_cast<int>(f[2])));
      return time_text(date_text(days), static_cast<int>(f[3]), static_cast<int>(f[4]),
                       static_cast<int>(f[5])) +
             " " + std::string(scalar.zone.text());
    }
    case Scalar::duration:
    case Scalar::clock: {
      if (units.empty()) units = scalar.units;
      const double seconds = scalar.number * numpy::seconds_per_unit(scalar.units);
      return real_text(seconds / numpy::seconds_per_unit(units)) + " " +
             std::string(units);
    }
    default:
      return "NA";
  }
}

}  // namespace mmappickle::plan
