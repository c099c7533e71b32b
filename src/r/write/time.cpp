#include "r/write/time.h"

#include <cmath>

#include "core/numpy/datetime.h"
#include "core/numpy/items.h"
#include "core/numpy/slice.h"
#include "r/call.h"
#include "r/read/decode.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/values.h"
#include "r/write/view.h"

namespace mmappickle::write {

using numpy::Meaning;
using numpy::same_bits;
using pickle::Id;
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

std::vector<const char*> time_attributes(Meaning meaning) {
  switch (meaning) {
    case Meaning::date:
      return {"class"};
    case Meaning::datetime:
      return {"class", "tzone"};
    case Meaning::difftime:
      return {"class", "units"};
    default:
      return {};
  }
}

bool has_default_class(SEXP x, SEXP attributes, Meaning meaning) {
  for (const char* name : {"class", "tzone", "units"}) {
    if (!has_no_attributes(get_attribute(attributes, name))) return false;
  }
  const View* view = whole_view(x);
  if (!view && TYPEOF(x) != REALSXP) return false;
  const char* units = "secs";
  if (view && view->array.dtype.kind == numpy::Kind::timedelta) {
    numpy::Target target;
    target_of(view->array.dtype, numpy::Choice(), target);
    units = target.units;
  }
  SEXP classes = get_attribute(attributes, "class");
  switch (meaning) {
    case Meaning::date:
      return same_text(classes, {"Date"});
    case Meaning::datetime:
      return same_text(classes, {"POSIXct", "POSIXt"}) &&
             same_text(get_attribute(attributes, "tzone"), {"UTC"});
    case Meaning::difftime:
      return same_text(classes, {"difftime"}) &&
             same_text(get_attribute(attributes, "units"), {units});
    default:
      return true;
  }
}

bool fits_time(SEXP x, Meaning meaning, bool column) {
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

namespace {

// Reading gives these very doubles.
bool is_exact(const numpy::TimeScale& scale, const Numbers& numbers, double units) {
  for (R_xlen_t i = 0; i < numbers.size(); ++i) {
    const double v = numbers[i];
    if (std::isnan(v)) {  // not through arithmetic, which may quieten it
      if (!same_bits(v, numpy::na_real())) return false;
      continue;
    }
    std::int64_t ticks = numpy::kNaT;
    scale.ticks(v * units, ticks);
    if (!same_bits(scale.value(ticks) / units, v)) return false;
  }
  return true;
}

}  // namespace

Encoded encode_times(Context& context, SEXP x, Meaning meaning) {
  Memory& memory = context.memory;
  const bool fortran = context.flags.fortran;
  Encoding encoding;
  encoding.r_order = in_r_order(context, fortran);
  encoding.maskable = false;
  encoding.unclassed = true;
  Elements elements;
  elements.dtype = numpy::natural_dtype(numpy::RType::real, meaning);
  elements.dims = dims_of(x);
  const Numbers numbers(x);
  const bool exact =
      is_exact(numpy::TimeScale(elements.dtype), numbers, units_of(x, meaning));
  numpy::RValues values = r_values(x, memory.strings.emplace_back(), memory.texts);
  if (!exact && meaning == Meaning::date) {  // R shows the day on which it falls
    std::vector<double>& days = memory.doubles.emplace_back();
    for (R_xlen_t i = 0; i < numbers.size(); ++i) days.push_back(std::floor(numbers[i]));
    values.type = numpy::RType::real;
    values.data = days.data();
  }
  elements.data = array_source(elements.dtype, elements.dims, encoding.r_order, values);
  Encoded out = add_array(context, std::move(elements), fortran);
  if (!exact) {
    const numpy::Dtype real = numpy::natural_dtype(numpy::RType::real);
    out.r_value =
        add_array(context, encode_elements(context, x, real, encoding, context.subject()),
                  fortran)
            .value;
  }
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

// As Python's own __reduce__ has it. `value`: days, or seconds; `offset`: of the local
// clock from UTC, in seconds. The zone's name stays in the R metadata: a name that
// Python does not know would keep it from loading the file.
Id python_time(pickle::Tree& tree, double value, Meaning meaning, double offset) {
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

}  // namespace

Encoded encode_time(Context& context, SEXP x, Meaning meaning) {
  pickle::Tree& tree = context.tree;
  const double v = Numbers(x)[0];
  const double units = units_of(x, meaning);
  Encoded out;
  if (std::isnan(v)) {
    out.value = tree.none();
    if (!same_bits(v, numpy::na_real())) out.r_value = tree.real(v);
    return out;
  }
  double offset = 0;
  if (meaning == Meaning::datetime) {
    offset = Rf_asReal(protect([&] { return call_own("utc_offset", {x}); }));
  }
  out.value = python_time(tree, v * units, meaning, offset);
  // What the reader makes of it.
  numpy::Recogniser recogniser(tree);
  MadeNodes made;
  const Known known = know(tree, recogniser, made, out.value);
  if (!same_bits(known.number / units, v)) out.r_value = tree.real(v);
  return out;
}

}  // namespace mmappickle::write
