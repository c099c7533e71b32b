// The classes of Python's datetime module.
#include "../numpy/datetime.h"

#include <cmath>

#include "../numpy/exact_ratio.h"
#include "call.h"
#include "zone.h"

namespace mmappickle::python {

using numpy::days_from_civil;
using pickle::Tag;

namespace {

bool valid_day(unsigned y, unsigned m, unsigned d) {
  static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1) return false;
  const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return d <= days[m - 1] + (m == 2 && leap);
}

bool valid_time(const Bytes& b, std::uint64_t at) {
  return b[at] < 24 && b[at + 1] < 60 && b[at + 2] < 60 &&
         (b[at + 3] << 16 | b[at + 4] << 8 | b[at + 5]) < 1000000;
}

constexpr std::int64_t kMicroseconds = 1000000;  // a second

std::int64_t whole_seconds_of(const Bytes& b, std::uint64_t at) {
  return b[at] * 3600 + b[at + 1] * 60 + b[at + 2];
}

std::int64_t microseconds_of(const Bytes& b, std::uint64_t at) {
  return b[at + 3] << 16 | b[at + 4] << 8 | b[at + 5];
}

double seconds_of(const Bytes& b, std::uint64_t at) {
  return numpy::exact_seconds(whole_seconds_of(b, at), microseconds_of(b, at),
                              kMicroseconds);
}

}  // namespace

Recognised read_date(const Call& call) {
  Recognised k;
  Bytes b;
  if (!call.untouched() || call.count() != 1 || !call.recogniser.data(call[0], b) ||
      b.size != 4) {
    return k;
  }
  const unsigned y = b[0] * 256u + b[1];
  if (!valid_day(y, b[2], b[3])) return k;
  k.kind = Recognised::scalar;
  k.meaning = numpy::Meaning::date;
  k.number = static_cast<double>(days_from_civil(y, b[2], b[3]));
  return k;
}

namespace {

bool timedelta_seconds(const Call& call, double& seconds) {
  std::int64_t days, secs, us;
  if (!call.untouched() || call.count() != 3 || !call.integer(0, days) ||
      !call.integer(1, secs) || !call.integer(2, us)) {
    return false;
  }
  if (days < -999999999 || days > 999999999 || secs < 0 || secs >= 86400 || us < 0 ||
      us >= 1000000) {
    return false;
  }
  seconds = numpy::exact_seconds(days * 86400 + secs, us, kMicroseconds);
  return true;
}

}  // namespace

Recognised read_timedelta(const Call& call) {
  Recognised k;
  if (!timedelta_seconds(call, k.number)) return k;
  k.kind = Recognised::scalar;
  k.meaning = numpy::Meaning::difftime;
  return k;
}

Recognised read_datetime(const Call& call) {
  Recognised k;
  Bytes b;
  if (!call.untouched() || call.count() < 1 || call.count() > 2 ||
      !call.recogniser.data(call[0], b) || b.size != 10) {
    return k;
  }
  const unsigned y = b[0] * 256u + b[1], month = b[2] & 0x7fu;
  const bool fold = b[2] & 0x80;
  if (!valid_day(y, month, b[3]) || !valid_time(b, 4)) return k;
  Zone zone;
  if (call.count() == 2 && call.tree[call[1]].tag != Tag::none) {
    if (!read_zone(call.tree, call[1], zone)) return k;
    k.aware = true;
    if (zone.by_name) {
      const double seconds = seconds_of(b, 4);
      const double fields[7] = {double(y),    double(month),
                                double(b[3]), double(b[4]),
                                double(b[5]), b[6] + (seconds - std::floor(seconds)),
                                double(fold)};
      std::copy(fields, fields + 7, k.fields);
      k.zone = zone.name;
      k.kind = Recognised::zoned;
      return k;
    }
  }
  k.kind = Recognised::scalar;
  k.meaning = numpy::Meaning::datetime;
  k.zone = zone.name;
  // Offsets have microseconds, too.
  const auto offset = static_cast<std::int64_t>(std::nearbyint(zone.offset * 1e6));
  const std::int64_t us = microseconds_of(b, 4) - offset % kMicroseconds;
  k.number = numpy::exact_seconds(days_from_civil(y, month, b[3]) * 86400 +
                                      whole_seconds_of(b, 4) - offset / kMicroseconds +
                                      us / kMicroseconds,
                                  us % kMicroseconds, kMicroseconds);
  return k;
}

Recognised read_time(const Call& call) {
  Recognised k;
  Bytes b;
  if (!call.untouched() || call.count() < 1 || call.count() > 2 ||
      !call.recogniser.data(call[0], b) || b.size != 6) {
    return k;
  }
  const std::uint8_t hour = b[0] & 0x7f;  // the top bit is fold
  Zone zone;
  if (call.count() == 2 && call.tree[call[1]].tag != Tag::none) {
    if (!read_zone(call.tree, call[1], zone)) return k;
    k.zone = call.tree.keep(text(zone));
  }
  if (hour >= 24 || b[1] >= 60 || b[2] >= 60) return k;
  k.kind = Recognised::scalar;
  k.meaning = numpy::Meaning::difftime;
  k.clock = true;
  k.number = numpy::exact_seconds(hour * 3600 + b[1] * 60 + b[2], microseconds_of(b, 0),
                                  kMicroseconds);
  return k;
}

// As R names it.
Recognised read_timezone(const Call& call) {
  Recognised k;
  Zone zone;
  if (!read_zone(call.tree, call.id, zone)) return k;
  k.kind = Recognised::same;
  k.node = call.tree.text(call.tree.keep(text(zone)));
  return k;
}

}  // namespace mmappickle::python
