// R's numbers one by one, whatever their type, for what encodes and checks them.
#pragma once

#include <complex>

#include "datetime.h"
#include "items.h"

namespace mmappickle::numpy {

inline bool is_na(double v) {
  const auto bits = bits_as<std::uint64_t>(v);
  return (bits << 1) > 0xffe0000000000000 && static_cast<std::uint32_t>(bits) == 1954;
}

template <class T>
T value_at(const void* data, std::uint64_t i) {
  return load_native<T>(static_cast<const std::uint8_t*>(data) + i * sizeof(T));
}

// Whether it is R's NA of its type.
inline bool is_missing(std::int32_t v) { return v == kNaInteger; }
inline bool is_missing(std::int64_t v) { return v == kNaInteger64; }
inline bool is_missing(std::uint8_t) { return false; }
inline bool is_missing(double v) { return is_na(v); }
inline bool is_missing(std::complex<double> v) {
  return is_na(v.real()) || is_na(v.imag());
}

// So many values are taken at once: a loop of a fixed length, without a branch in it and
// between arrays of its own, becomes vector instructions.
constexpr std::uint64_t kRun = 512;
template <class Function>
void for_run(std::uint64_t n, Function function) {
  if (n == kRun) {
    for (std::uint64_t i = 0; i < kRun; ++i) function(i);
  } else {
    for (std::uint64_t i = 0; i < n; ++i) function(i);
  }
}

template <class T, class Take>
void visit_runs_of(const void* data, const std::uint64_t* index, std::uint64_t begin,
                   std::uint64_t n, Take& take) {
  const auto* from = static_cast<const std::uint8_t*>(data);
  const bool in_place =
      !index && reinterpret_cast<std::uintptr_t>(data) % alignof(T) == 0;
  T copy[kRun];
  for (std::uint64_t at = 0; at < n; at += kRun) {
    const std::uint64_t m = n - at < kRun ? n - at : kRun;
    const T* run = in_place ? static_cast<const T*>(data) + begin + at : copy;
    for (std::uint64_t i = 0; !in_place && i < m; ++i) {
      const std::uint64_t place = index ? index[at + i] : begin + at + i;
      std::memcpy(&copy[i], from + place * sizeof(T), sizeof(T));  // NaNs, bit for bit
    }
    if (!take(at, run, m)) return;
  }
}

// Calls take(position, run, n) for the values index[i], or begin + i without an index, of
// any type but string, n <= kRun at a time, until it returns false. `run`: of int32_t,
// int64_t, uint8_t, double, complex<double>.
template <class Take>
void visit_runs(const RValues& values, const std::uint64_t* index, std::uint64_t begin,
                std::uint64_t n, Take&& take) {
  switch (values.type) {
    case RType::logical:
    case RType::integer:
      return visit_runs_of<std::int32_t>(values.data, index, begin, n, take);
    case RType::integer64:
      return visit_runs_of<std::int64_t>(values.data, index, begin, n, take);
    case RType::raw:
      return visit_runs_of<std::uint8_t>(values.data, index, begin, n, take);
    case RType::real:
      return visit_runs_of<double>(values.data, index, begin, n, take);
    case RType::complex:
      return visit_runs_of<std::complex<double>>(values.data, index, begin, n, take);
    case RType::string:
      return;
  }
}

// How dates, times and differences of R become the unit of a dtype's TimeScale.
class TimeUnits {
 public:
  TimeUnits(const RValues& values, const Target& target)
      : from_(values.meaning == Meaning::difftime ? values.seconds_per_unit
              : values.meaning == Meaning::date   ? 86400
                                                  : 1),
        to_(seconds_per(target)) {}
  double operator()(double v) const { return from_ == to_ ? v : v * from_ / to_; }

 private:
  double from_, to_;
};

}  // namespace mmappickle::numpy
