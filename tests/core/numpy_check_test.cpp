// Many values are checked and converted at once: what holds of each alone holds wherever
// it stands.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "numpy/values.h"
#include "numpy_testing.h"

namespace mmappickle::numpy {
namespace {

constexpr std::size_t kMany = 2 * kRun + 76;  // two whole runs, and a part of one

// What is near the ends of types, and near the sizes from which doubles are whole.
std::vector<double> edges() {
  std::vector<double> out{0,      0.5,      1,   1.5,   1e-300, 5e-324, na_real(),
                          1e300,  HUGE_VAL, NAN, 65504, 65519,  65520,  kSingleOverflow,
                          3.4e38, 3.5e38};
  for (int bits : {1, 7, 8, 15, 16, 31, 32, 50, 51, 52, 53, 62, 63, 64}) {
    const double v = std::ldexp(1, bits);
    for (double near : {v, v - 1, v + 1, v - 0.5, v + 0.5, std::nextafter(v, 0),
                        std::nextafter(v, HUGE_VAL)}) {
      out.push_back(near);
    }
  }
  const std::size_t n = out.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isnan(out[i])) out.push_back(-out[i]);
  }
  return out;
}

bool fits_integer(const Dtype& dtype, double v) {
  if (std::isnan(v) || std::trunc(v) != v) return false;
  const bool is_signed = dtype.kind == Kind::integer;
  const int bits =
      dtype.kind == Kind::boolean ? 1 : static_cast<int>(dtype.itemsize) * 8 - is_signed;
  const double end = std::ldexp(1, bits);
  return v >= (is_signed ? (bits == 31 ? -end + 1 : -end) : 0) && v < end;
}
bool fits_float(const Dtype& dtype, double v) {
  const double overflow = dtype.itemsize == 2   ? kHalfOverflow
                          : dtype.itemsize == 4 ? kSingleOverflow
                                                : HUGE_VAL;
  return !std::isfinite(v) || std::fabs(v) < overflow;
}

TEST_CASE("check: a double that does not fit is found wherever it stands") {
  for (const char* name :
       {"bool", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"}) {
    CAPTURE(name);
    const Dtype dtype = dtype_of(name);
    std::vector<double> values(kMany, 1);
    for (const double v : edges()) {
      CAPTURE(v);
      const bool fits =
          dtype.kind == Kind::floating ? fits_float(dtype, v) : fits_integer(dtype, v);
      for (const std::size_t at : {std::size_t{0}, std::size_t{kRun}, kMany - 1}) {
        values[at] = v;
        const Check check = check_fit(dtype, values_of(RType::real, values), false);
        CHECK((check.cast_error == CastError::none) == fits);
        if (!fits) CHECK(check.index == at);
        values[at] = 1;
      }
    }
  }
}

template <class T>
void check_integers(RType type, T na, std::initializer_list<std::int64_t> edges) {
  for (const char* name : {"bool", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"}) {
    CAPTURE(name);
    const Dtype dtype = dtype_of(name);
    std::vector<T> values(kMany, T{1});
    for (const std::int64_t edge : edges) {
      const T v = static_cast<T>(edge);
      CAPTURE(edge);
      for (const bool maskable : {false, true}) {
        const bool inside =
            dtype.kind == Kind::unsigned_integer && dtype.itemsize == 8
                ? edge >= 0
                : fits_integer(dtype, static_cast<double>(edge)) ||
                      (dtype.kind == Kind::integer && dtype.itemsize == 8);
        const bool fits = v == na ? maskable : inside;
        for (const std::size_t at : {std::size_t{kRun - 1}, kMany - 1}) {
          values[at] = v;
          const Check check = check_fit(dtype, values_of(type, values), maskable);
          CHECK((check.cast_error == CastError::none) == fits);
          if (!fits) CHECK(check.index == at);
          values[at] = 1;
        }
      }
    }
  }
}

TEST_CASE("check: an integer that does not fit is found wherever it stands") {
  check_integers<std::int32_t>(
      RType::integer, kNaInteger,
      {INT32_MIN, INT32_MIN + 1, -32769, -32768, -129, -128, -1, 0, 2, 127, 128, 255, 256,
       32767, 32768, 65535, 65536, INT32_MAX});
  check_integers<std::int64_t>(
      RType::integer64, kNaInteger64,
      {INT64_MIN, INT64_MIN + 1, std::int64_t{INT32_MIN} - 1, INT32_MIN, -1, 0, 2,
       INT32_MAX, std::int64_t{INT32_MAX} + 1, UINT32_MAX, std::int64_t{UINT32_MAX} + 1,
       INT64_MAX});
}

TEST_CASE("encode: whole doubles of any size become 64-bit integers") {
  for (const char* name : {"i8", "u8", ">i8"}) {
    CAPTURE(name);
    const Dtype dtype = dtype_of(name);
    for (const double v : edges()) {
      if (!fits_integer(dtype, v)) continue;
      CAPTURE(v);
      // Alone among small ones, in the first run or the last, and among its like.
      for (const std::size_t every : {kMany, std::size_t{1}}) {
        std::vector<double> values(kMany, 7);
        for (std::size_t i = 3; i < kMany; i += every) values[i] = v;
        std::vector<std::uint8_t> items(8 * kMany);
        encode(dtype, values_of(RType::real, values), nullptr, 0, kMany, items.data(),
               nullptr);
        bool same = true;
        for (std::size_t i = 0; i < kMany; ++i) {
          std::uint64_t bits = 0;
          for (std::size_t k = 0; k < 8; ++k) {
            const std::size_t place = dtype.big_endian ? k : 7 - k;
            bits = bits << 8 | items[8 * i + place];
          }
          const std::uint64_t wanted =
              values[i] < 0
                  ? static_cast<std::uint64_t>(static_cast<std::int64_t>(values[i]))
                  : static_cast<std::uint64_t>(values[i]);
          same = same && bits == wanted;
        }
        CHECK(same);
      }
    }
  }
}

}  // namespace
}  // namespace mmappickle::numpy
