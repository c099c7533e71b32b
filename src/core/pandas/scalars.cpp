// Timestamp, Timedelta, NaT.
#include "../numpy/datetime.h"
#include "pandas.h"
#include "parts.h"
#include "../python/zone.h"

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

bool Recogniser::scalar(Id id, Name name, Value& value) {
  constexpr std::int64_t nanoseconds = 10;
  const std::uint64_t n = arguments(tree_, id);
  std::int64_t ticks = 0, resolution = nanoseconds;
  value.count = 1;
  switch (name) {
    case Name::unpickle_nat:
      value.kind = Kind::moment;
      value.number = numpy::na_real();
      return true;
    case Name::unpickle_timestamp:  // (value, freq, zone, resolution)
    case Name::timestamp: {         // (value, freq, zone), before pandas 1.5
      if (!is_bare(tree_, id) || n < 3 || n > 4) return false;
      if (!is_integer(tree_, argument(tree_, id, 0), ticks)) return false;
      if (n == 4 && !is_integer(tree_, argument(tree_, id, 3), resolution)) return false;
      python::Zone zone;
      if (python::read_zone(tree_, argument(tree_, id, 2), zone)) {
        value.text = zone.name;
      }
      value.kind = Kind::moment;
      return seconds_of(ticks, resolution, numpy::Kind::datetime, value.number);
    }
    case Name::unpickle_timedelta:  // (value, resolution)
    case Name::timedelta:           // (value), before pandas 1.5
      if (!is_bare(tree_, id) || n < 1 || n > 2) return false;
      if (!is_integer(tree_, argument(tree_, id, 0), ticks)) return false;
      if (n == 2 && !is_integer(tree_, argument(tree_, id, 1), resolution)) return false;
      value.kind = Kind::duration;
      return seconds_of(ticks, resolution, numpy::Kind::timedelta, value.number);
    default:
      return false;
  }
}

}  // namespace mmappickle::pandas
