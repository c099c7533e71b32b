// Whether R's values fit a dtype: "each value comes back the same".
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "../base/poll.h"
#include "exact_ratio.h"
#include "string_items.h"
#include "values.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kWork = 16;  // of a value, as Poll counts it

// Not 0 where there is a doubt: of as many bits as the value, and made without a branch
// of what the least of processors do to several values at once.
template <class T>
using Doubt =
    std::conditional_t<sizeof(T) == 4, std::uint32_t,
                       std::conditional_t<sizeof(T) == 1, std::uint8_t, std::uint64_t>>;

// The bits of a double without its sign are in the order of its size.
constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63,
                        kInfinity = std::uint64_t{0x7ff} << 52;
std::uint64_t bits_of(const double& v) { return bits_as<std::uint64_t>(v); }
// The top bit where a < b, of two below 2^63.
constexpr std::uint64_t less(std::uint64_t a, std::uint64_t b) {
  return (a - b) & kTopBit;
}

// The first value that does not fit counts. A test has two forms for each type: the
// reason, and doubt(), which there may be of what fits.
template <class Test>
Check check_all(const RValues& values, Poll& poll, const Test& of_all) {
  Check result{};
  const auto take = [&](std::uint64_t at, const auto* run, std::uint64_t n) {
    poll.after(kWork * n);
    const Test test = of_all;  // nobody else changes it
    decltype(test.doubt(*run)) doubts = 0;
    for_run(n, [&](std::uint64_t i) { doubts |= test.doubt(run[i]); });
    for (std::uint64_t i = 0; doubts != 0 && i < n; ++i) {
      const CastError cast_error = test(run[i]);
      if (cast_error == CastError::none) continue;
      result = Check{cast_error, at + i};
      return false;
    }
    return true;
  };
  visit_runs(values, nullptr, 0, values.count, take);
  return result;
}

// bool: 0 and 1. Of int32 its least value is NA, and does not come back.
struct FitsInteger {
  bool maskable;
  std::int64_t least;
  std::uint64_t most;
  double low, high;  // the same, as least and first double outside
  // Bits of a double up to which, and below which, there is none.
  std::uint64_t most_bits, sign_bit;

  FitsInteger(const Dtype& dtype, bool maskable) : maskable(maskable) {
    const bool is_signed = dtype.kind == Kind::integer;
    const int bits = static_cast<int>(dtype.itemsize) * 8 - is_signed;
    most = dtype.kind == Kind::boolean ? 1 : UINT64_MAX >> (64 - bits);
    least = is_signed ? -static_cast<std::int64_t>(most) - (bits != 31) : 0;
    low = static_cast<double>(least);
    high = dtype.kind == Kind::boolean ? 2 : std::ldexp(1, bits);
    most_bits = bits_of(std::min(std::nextafter(high, 0), is_signed ? -low : high));
    sign_bit = is_signed ? 0 : kTopBit;
  }
  CastError missing() const { return maskable ? CastError::none : CastError::missing; }
  template <class Integer>
  CastError operator()(Integer v) const {
    if (is_missing(v)) return missing();
    if (v < least) return CastError::range;
    return v > 0 && static_cast<std::uint64_t>(v) > most ? CastError::range
                                                         : CastError::none;
  }
  CastError operator()(double v) const {
    if (std::isnan(v)) return is_na(v) ? missing() : CastError::not_a_number;
    if (std::trunc(v) != v) return CastError::fraction;
    return v >= low && v < high ? CastError::none : CastError::range;
  }
  CastError operator()(std::complex<double>) const { return CastError::type; }

  template <class Integer>
  Doubt<Integer> doubt(Integer v) const {
    using Limits = std::numeric_limits<Integer>;
    const auto from = static_cast<Integer>(std::max<std::int64_t>(least, Limits::min()));
    const auto to =
        static_cast<Integer>(std::min<std::uint64_t>(most, std::uint64_t{Limits::max()}));
    const Doubt<Integer> na = is_missing(v), outside = (v < from) | (v > to);
    return static_cast<Doubt<Integer>>((outside & (na ^ 1u)) | (na & !maskable));
  }
  // Of those of which a double tells their part behind the point, the sum has none left.
  // (Where sums have more bits than doubles all are doubtful.)
  Doubt<double> doubt(double v) const {
    constexpr double kWhole = 0x1p52;
    const std::uint64_t bits = bits_of(v), size = bits & ~kTopBit;
    const double sum = std::fabs(v) + kWhole;
    const std::uint64_t has_part = 0 - (less(size, bits_of(kWhole)) >> 63);
    const std::uint64_t part = has_part & (bits_of(sum - kWhole) ^ size);
    const std::uint64_t outside = less(most_bits, size) | (bits & sign_bit);
    return kRoundsToDouble ? part | outside : 1;
  }
  Doubt<double> doubt(std::complex<double>) const { return 1; }
};

struct FitsFloat {
  bool complex;
  double overflow;  // finite values from here on would become infinite
  bool exact;       // integers must come back as they are
  CastError operator()(double v) const {
    return std::isfinite(v) && std::fabs(v) >= overflow ? CastError::range
                                                        : CastError::none;
  }
  template <class Integer>
  CastError operator()(Integer v) const {
    const double d = rounded_to_double(static_cast<double>(v));
    if (is_missing(v)) return CastError::none;
    if (exact && (d >= 0x1p63 || static_cast<Integer>(d) != v)) return CastError::range;
    return (*this)(d);
  }
  CastError operator()(std::complex<double> v) const {
    if (!complex) return CastError::type;
    const CastError re = (*this)(v.real());
    return re == CastError::none ? (*this)(v.imag()) : re;
  }

  Doubt<double> doubt(double v) const {
    const std::uint64_t size = bits_of(v) & ~kTopBit;
    return less(bits_of(overflow) - 1, size) & less(size, kInfinity);
  }
  template <class Integer>
  Doubt<Integer> doubt(Integer) const {
    return exact ? sizeof(Integer) > 4 : !(overflow >= 0x1p64);
  }
  Doubt<double> doubt(std::complex<double> v) const {
    return complex ? doubt(v.real()) | doubt(v.imag()) : 1;
  }
};

struct FitsTime {
  TimeScale scale;
  TimeUnits units;
  CastError operator()(double v) const {
    if (std::isnan(v)) return CastError::none;
    std::int64_t ticks = 0;
    const double in_units = rounded_to_double(units(v));
    if (!scale.ticks(in_units, ticks)) return CastError::range;
    return rounded_to_double(scale.value(ticks)) == in_units ? CastError::none
                                                             : CastError::fraction;
  }
  template <class Integer>
  CastError operator()(Integer v) const {
    return is_missing(v) ? CastError::none : (*this)(static_cast<double>(v));
  }
  CastError operator()(std::complex<double>) const { return CastError::type; }

  template <class Number>
  Doubt<double> doubt(Number) const {
    return 1;
  }
};

Check check_float(const Dtype& dtype, const RValues& values, Poll& poll) {
  const bool complex = dtype.kind == Kind::complex;
  const std::uint64_t size = complex ? dtype.itemsize / 2 : dtype.itemsize;
  if (size >= 8 &&
      (values.type == RType::real || (values.type == RType::complex && complex))) {
    return {};
  }
  const double overflow = size == 2   ? kHalfOverflow
                          : size == 4 ? kSingleOverflow
                                      : HUGE_VAL;
  return check_all(values, poll, FitsFloat{complex, overflow, size >= 8});
}

// NA as one types it: a logical vector of nothing else.
bool only_missing(const RValues& values) {
  if (values.type != RType::logical) return false;
  const auto* v = static_cast<const std::int32_t*>(values.data);
  return std::all_of(v, v + values.count, [](std::int32_t x) { return x == kNaInteger; });
}

Check check_time(const Dtype& dtype, const RValues& values, Poll& poll) {
  if (only_missing(values)) return {};
  const TimeScale scale(dtype);
  const bool difference = values.meaning == Meaning::difftime;
  const Meaning wanted = scale.target().meaning;
  const bool number = values.type == RType::real || values.type == RType::integer;
  const bool same = wanted == Meaning::plain
                        ? values.meaning == Meaning::plain
                        : values.meaning != Meaning::plain &&
                              difference == (wanted == Meaning::difftime);
  if (!same || !number) return Check{CastError::type, 0};
  return check_all(values, poll, FitsTime{scale, TimeUnits(values, scale.target())});
}

Check check_strings(const Dtype& dtype, const RValues& values, bool maskable,
                    Poll& poll) {
  if (only_missing(values)) return {maskable ? CastError::none : CastError::missing, 0};
  if (values.type != RType::string) return {CastError::type, 0};
  for (std::uint64_t i = 0; i < values.count; ++i) {
    const Bytes s = (*values.strings)[i];
    const CastError cast_error = s.data     ? check_string(dtype, s)
                                 : maskable ? CastError::none
                                            : CastError::missing;
    if (cast_error != CastError::none) return Check{cast_error, i};
    poll.after(kWork + s.size);
  }
  return {};
}

}  // namespace

Check check_fit(const Dtype& dtype, const RValues& values, bool maskable,
                const std::function<void()>& ask) {
  Poll poll(ask);
  const Check wrong{CastError::type, 0};
  if (values.count == 0) return {};
  const bool strings = dtype.kind == Kind::bytes || dtype.kind == Kind::unicode;
  if (strings) return check_strings(dtype, values, maskable, poll);
  if (values.type == RType::string) return wrong;
  switch (dtype.kind) {
    case Kind::datetime:
    case Kind::timedelta:
      return check_time(dtype, values, poll);
    case Kind::boolean:
    case Kind::integer:
    case Kind::unsigned_integer:
      if (values.meaning != Meaning::plain) return wrong;
      return check_all(values, poll, FitsInteger(dtype, maskable));
    case Kind::floating:
    case Kind::complex:
      if (values.meaning != Meaning::plain) return wrong;
      return check_float(dtype, values, poll);
    default:
      return wrong;
  }
}

}  // namespace mmappickle::numpy
