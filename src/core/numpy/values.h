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

// A visitor has three overloads: (position, int64, is NA), (position, double) and
// (position, complex). Calls it for the values index[i], or begin + i without an index,
// of any type but string, until it returns false.
template <class Visitor>
void visit_values(const RValues& values, const std::uint64_t* index, std::uint64_t begin,
                  std::uint64_t n, Visitor&& visitor) {
  const auto all = [&](auto&& visit) {
    for (std::uint64_t i = 0; i < n; ++i) {
      if (!visit(i, index ? index[i] : begin + i)) return;
    }
  };
  const void* data = values.data;
  switch (values.type) {
    case RType::logical:
    case RType::integer:
      return all([&](std::uint64_t i, std::uint64_t at) {
        const auto v = value_at<std::int32_t>(data, at);
        return visitor(i, std::int64_t{v}, v == kNaInteger);
      });
    case RType::integer64:
      return all([&](std::uint64_t i, std::uint64_t at) {
        const auto v = value_at<std::int64_t>(data, at);
        return visitor(i, v, v == kNaInteger64);
      });
    case RType::raw:
      return all([&](std::uint64_t i, std::uint64_t at) {
        return visitor(i, std::int64_t{value_at<std::uint8_t>(data, at)}, false);
      });
    case RType::real:
      return all([&](std::uint64_t i, std::uint64_t at) {
        return visitor(i, value_at<double>(data, at));
      });
    case RType::complex:
      return all([&](std::uint64_t i, std::uint64_t at) {
        return visitor(i, value_at<std::complex<double>>(data, at));
      });
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
