// Whether R's values fit a dtype: "each value comes back the same".
#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/poll.h"
#include "string_items.h"
#include "values.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kWork = 16;  // of a value, as Poll counts it

// The first value that does not fit counts. A test has two forms for each type: the
// reason, and certain(), without a branch, which may be false for what fits.
template <class Test>
Check check_all(const RValues& values, Poll& poll, Test test) {
  Check result{};
  const auto take = [&](std::uint64_t at, const auto* run, std::uint64_t n) {
    poll.after(kWork * n);
    unsigned doubts = 0;
    for_run(n, [&](std::uint64_t i) { doubts |= !test.certain(run[i]); });
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

  FitsInteger(const Dtype& dtype, bool maskable) : maskable(maskable) {
    const bool is_signed = dtype.kind == Kind::integer;
    const int bits = static_cast<int>(dtype.itemsize) * 8 - is_signed;
    most = dtype.kind == Kind::boolean ? 1 : UINT64_MAX >> (64 - bits);
    least = is_signed ? -static_cast<std::int64_t>(most) - (bits != 31) : 0;
    low = static_cast<double>(least);
    high = dtype.kind == Kind::boolean ? 2 : std::ldexp(1, bits);
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
  bool certain(Integer v) const {
    using Limits = std::numeric_limits<Integer>;
    const auto from = static_cast<Integer>(std::max<std::int64_t>(least, Limits::min()));
    const auto to =
        static_cast<Integer>(std::min<std::uint64_t>(most, std::uint64_t{Limits::max()}));
    const bool inside = (v >= from) & (v <= to);
    return is_missing(v) ? maskable : inside;
  }
  bool certain(double v) const {
    const bool inside = (v >= low) & (v < std::min(high, 0x1p63));
    const double some = inside ? v : 0.5;
    return static_cast<double>(static_cast<std::int64_t>(some)) == some;
  }
  bool certain(std::complex<double>) const { return false; }
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
    const double d = static_cast<double>(v);
    if (is_missing(v)) return CastError::none;
    if (exact && (d >= 0x1p63 || static_cast<Integer>(d) != v)) return CastError::range;
    return (*this)(d);
  }
  CastError operator()(std::complex<double> v) const {
    if (!complex) return CastError::type;
    const CastError re = (*this)(v.real());
    return re == CastError::none ? (*this)(v.imag()) : re;
  }

  bool certain(double v) const {
    const double size = std::fabs(v);
    return !(size >= overflow) | (size == HUGE_VAL);
  }
  template <class Integer>
  bool certain(Integer) const {
    return exact ? sizeof(Integer) <= 4 : overflow >= 0x1p64;
  }
  bool certain(std::complex<double> v) const {
    return complex &&
           int{certain(v.real())} & int{certain(v.imag())};  // without a branch
  }
};

struct FitsTime {
  TimeScale scale;
  TimeUnits units;
  CastError operator()(double v) const {
    if (std::isnan(v)) return CastError::none;
    std::int64_t ticks = 0;
    const double in_units = units(v);
    if (!scale.ticks(in_units, ticks)) return CastError::range;
    return scale.value(ticks) == in_units ? CastError::none : CastError::fraction;
  }
  template <class Integer>
  CastError operator()(Integer v) const {
    return is_missing(v) ? CastError::none : (*this)(static_cast<double>(v));
  }
  CastError operator()(std::complex<double>) const { return CastError::type; }

  template <class Number>
  bool certain(Number) const {
    return false;
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
