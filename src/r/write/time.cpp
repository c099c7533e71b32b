// Dates, times and differences: datetime.date, datetime.datetime and datetime.timedelta
// where there is one, arrays of datetime64[D], datetime64[ns] and timedelta64[ns] else.
// Where Python's resolution loses bits of R's doubles, these follow in the R metadata.
#include <cmath>

#include "core/numpy/datetime.h"
#include "core/numpy/items.h"
#include "core/python/classes.h"
#include "r/write/encode.h"

namespace mmappickle {

using numpy::Meaning;
using numpy::NewArray;
using numpy::same_bits;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

constexpr double kSecondsPerDay = 86400;
// Days from 1970 of the years that datetime.date has, 1 to 9999.
constexpr double kFirstDay = -719162, kLastDay = 2932896;

// R's numbers as doubles, integer ones too.
class Numbers {
 public:
  explicit Numbers(SEXP x)
      : data_(read_pointer(x)), integer_(TYPEOF(x) == INTSXP), size_(Rf_xlength(x)) {}
  R_xlen_t size() const { return size_; }
  double operator[](R_xlen_t i) const {
    if (!integer_) return static_cast<const double*>(data_)[i];
    const int v = static_cast<const int*>(data_)[i];
    return v == NA_INTEGER ? numpy::na_real() : v;
  }

 private:
  const void* data_;
  bool integer_;
  R_xlen_t size_;
};

double units_of(SEXP x, Meaning meaning) {
  return meaning == Meaning::difftime ? seconds_per_unit(x) : 1;
}

}  // namespace

bool Encoder::fits_time(SEXP x, Meaning meaning, bool column) {
  const numpy::TimeScale scale(numpy::natural_dtype(numpy::RType::real, meaning));
  const Numbers numbers(x);
  const double units = units_of(x, meaning);
  for (R_xlen_t i = 0; i < numbers.size(); ++i) {
    const double v = numbers[i];
    std::int64_t ticks;
    if (!std::isnan(v) && !scale.ticks(v * units, ticks)) return false;
  }
  // A date alone is datetime.date's.
  return meaning != Meaning::date || column || numbers.size() != 1 ||
         std::isnan(numbers[0]) || (numbers[0] >= kFirstDay && numbers[0] < kLastDay + 1);
}

Encoder::Encoded Encoder::time_array(const Frame& frame) {
  const Meaning meaning = frame.meaning;
  const numpy::Dtype dtype = numpy::natural_dtype(numpy::RType::real, meaning);
  const numpy::TimeScale scale(dtype);
  const Numbers numbers(frame.x);
  const double units = units_of(frame.x, meaning);
  bool exact = true;
  for (R_xlen_t i = 0; exact && i < numbers.size(); ++i) {
    const double v = numbers[i];
    if (std::isnan(v)) {  // not through arithmetic, which may quieten it
      exact = same_bits(v, numpy::na_real());
      continue;
    }
    std::int64_t ticks = numpy::kNaT;
    scale.ticks(v * units, ticks);
    exact = same_bits(scale.value(ticks) / units, v);
  }
  borrowed_->strings.emplace_back();
  numpy::RValues values = r_values(frame.x, borrowed_->strings.back(), borrowed_->kept);
  if (!exact && meaning == Meaning::date) {  // R shows the day on which it falls
    borrowed_->doubles.emplace_back();
    for (R_xlen_t i = 0; i < numbers.size(); ++i) {
      borrowed_->doubles.back().push_back(std::floor(numbers[i]));
    }
    values.type = numpy::RType::real;
    values.data = borrowed_->doubles.back().data();
  }
  Encoded out = array_of(frame.x, values, dtype, false, flags_.fortran);
  if (!exact) {
    out.own = as_array(frame.x, numpy::natural_dtype(numpy::RType::real), false,
                       flags_.fortran, true)
                  .value;
  }
  return out;
}

Encoder::Encoded Encoder::time_scalar(const Frame& frame) {
  pickle::Tree& tree = recipe_.tree;
  const double v = Numbers(frame.x)[0];
  const double units = units_of(frame.x, frame.meaning);
  Encoded out;
  if (std::isnan(v)) {
    out.value = tree.none();
    if (!same_bits(v, numpy::na_real())) out.own = tree.real(v);
    return out;
  }
  double offset = 0;
  if (frame.meaning == Meaning::datetime) {
    offset = Rf_asReal(protect([&] { return call_own("utc_offset", {frame.x}); }));
  }
  out.value = python_time(v * units, frame.meaning, offset);
  // What the reader makes of it.
  numpy::Recogniser recogniser(tree);
  const python::Recognised known =
      python::Recogniser(tree, recogniser).recognise(out.value);
  if (!same_bits(known.number / units, v)) out.own = tree.real(v);
  return out;
}

namespace {

void put_clock(std::string& bytes, std::int64_t second_of_day, std::int64_t microsecond) {
  for (const std::int64_t part :
       {second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60,
        microsecond >> 16, microsecond >> 8 & 0xff, microsecond & 0xff}) {
    bytes += static_cast<char>(part);
  }
}

std::string date_bytes(std::int64_t days) {
  std::int64_t year;
  int month, day;
  numpy::civil_from_days(days, year, month, day);
  std::string bytes;
  for (const std::int64_t part :
       {year / 256, year % 256, std::int64_t{month}, std::int64_t{day}}) {
    bytes += static_cast<char>(part);
  }
  return bytes;
}

}  // namespace

// As Python's own __reduce__ has it. `value`: days, or seconds; `offset`: of the local
// clock from UTC, in seconds. The zone's name stays in the R metadata: a name that
// Python does not know would keep it from loading the file.
Id Encoder::python_time(double value, Meaning meaning, double offset) {
  pickle::Tree& tree = recipe_.tree;
  const auto call = [&](const char* name, const std::vector<Id>& arguments) {
    return tree.object(pickle::How::call, tree.global("datetime", name),
                       tree.container(Tag::tuple, arguments));
  };
  const auto difference = [&](std::int64_t days, std::int64_t seconds, std::int64_t us) {
    return call("timedelta",
                {tree.integer(days), tree.integer(seconds), tree.integer(us)});
  };
  const auto bytes = [&](const std::string& text) { return tree.bytes(tree.keep(text)); };
  if (meaning == Meaning::date) {
    return call("date",
                {bytes(date_bytes(static_cast<std::int64_t>(std::floor(value))))});
  }
  double whole = std::floor(value);
  auto us = static_cast<std::int64_t>(std::nearbyint((value - whole) * 1e6));
  if (us == 1000000) {
    us = 0;
    whole += 1;
  }
  const auto split = [](double seconds, std::int64_t& days, std::int64_t& rest) {
    const double d = std::floor(seconds / kSecondsPerDay);
    days = static_cast<std::int64_t>(d);
    rest = static_cast<std::int64_t>(seconds - d * kSecondsPerDay);
  };
  std::int64_t days, seconds;
  split(meaning == Meaning::datetime ? whole + offset : whole, days, seconds);
  if (meaning == Meaning::difftime) return difference(days, seconds, us);
  std::string clock = date_bytes(days);
  put_clock(clock, seconds, us);
  split(offset, days, seconds);
  return call("datetime",
              {bytes(clock), call("timezone", {difference(days, seconds, 0)})});
}

}  // namespace mmappickle
