// Timestamp, Timedelta, Period, NaT.
#include "../numpy/datetime.h"
#include "../python/zone.h"
#include "readers.h"

namespace mmappickle::pandas {
namespace {

// The resolutions in which pandas counts: numbers of NumPy's enum NPY_DATETIMEUNIT.
bool unit_of(std::int64_t resolution, numpy::Unit& unit) {
  switch (resolution) {
    case 7:
      unit = numpy::Unit::s;
      return true;
    case 8:
      unit = numpy::Unit::ms;
      return true;
    case 9:
      unit = numpy::Unit::us;
      return true;
    case 10:
      unit = numpy::Unit::ns;
      return true;
    default:
      return false;
  }
}

bool seconds_of(std::int64_t ticks, std::int64_t resolution, numpy::Kind kind,
                double& seconds) {
  numpy::Dtype dtype;
  dtype.kind = kind;
  if (!unit_of(resolution, dtype.unit)) return false;
  seconds = numpy::TimeScale(dtype).value(ticks);
  return true;
}

}  // namespace

bool read_scalar(pickle::Tree& tree, Id id, Global called, Object& value) {
  constexpr std::int64_t nanoseconds = 10;
  const Call made(tree, id);
  const std::uint64_t n = made.count();
  std::int64_t ticks = 0, resolution = nanoseconds;
  value.count = 1;
  switch (called) {
    case Global::unpickle_nat:
      value.kind = Type::moment;
      value.number = numpy::na_real();
      return true;
    case Global::unpickle_timestamp:  // (value, freq, zone, resolution)
    case Global::timestamp: {         // (value, freq, zone), before pandas 1.5
      if (!made.untouched() || n < 3 || n > 4) return false;
      if (!made.integer(0, ticks)) return false;
      if (n == 4 && !made.integer(3, resolution)) return false;
      python::Zone zone;
      if (python::read_zone(tree, made[2], zone)) {
        value.text = zone.name;
      }
      value.aware = !pickle::is_none(tree, made[2]);
      value.kind = Type::moment;
      return seconds_of(ticks, resolution, numpy::Kind::datetime, value.number);
    }
    case Global::unpickle_timedelta:  // (value, resolution)
    case Global::timedelta:           // (value), before pandas 1.5
      if (!made.untouched() || n < 1 || n > 2) return false;
      if (!made.integer(0, ticks)) return false;
      if (n == 2 && !made.integer(1, resolution)) return false;
      value.kind = Type::duration;
      return seconds_of(ticks, resolution, numpy::Kind::timedelta, value.number);
    case Global::period: {  // (None, offset, ordinal)
      Frequency frequency;
      if (!made.untouched() || n != 3 || !read_frequency(tree, made[1], frequency) ||
          !made.integer(2, ticks)) {
        return false;
      }
      const bool missing = ticks == numpy::kNaT;
      if (!frequency.of_days()) {
        value.kind = missing ? Type::missing : Type::label;
        if (!missing) value.text = tree.keep(text_of(frequency, ticks));
        return true;
      }
      value.kind = Type::date;
      value.number =
          missing ? numpy::na_real() : static_cast<double>(day_of(frequency, ticks));
      return true;
    }
    default:
      return false;
  }
}

}  // namespace mmappickle::pandas
