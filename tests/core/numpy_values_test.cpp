// Numbers on their way to a file are taken in runs: these say what each value alone says.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>

#include "numpy/values.h"
#include "numpy_testing.h"

namespace mmappickle::numpy {
namespace {

std::string encoded(const Dtype& dtype, const RValues& values) {
  std::string out(values.count * dtype.itemsize, '\xee');
  encode(dtype, values, nullptr, 0, values.count,
         reinterpret_cast<std::uint8_t*>(&out[0]), nullptr);
  return out;
}

// Values that fit many dtypes, and now and then one that does not.
template <class T>
std::vector<T> some_values(std::mt19937_64& random, std::size_t n) {
  static const double odd[] = {0.5, -0.5, 1e300, -1e300, 0x1p63, -0x1p63, 0x1p31, 65520};
  std::vector<T> out(n);
  for (T& v : out) {
    const auto bits = random();
    v = static_cast<T>(bits >> 8 & 1);
    if (bits % 512 == 0) v = static_cast<T>(static_cast<std::int8_t>(bits >> 9));
    if (bits % 2048 != 1) continue;
    const double other = odd[bits >> 11 & 7];
    if constexpr (std::is_floating_point_v<T>) {
      v = bits >> 14 & 1 ? (bits >> 15 & 1 ? na_real() : kNan) : other;
    } else {
      v = bits >> 14 & 1 ? std::numeric_limits<T>::min()
                         : static_cast<T>(bits >> 15 << (bits >> 16 & 7));
    }
  }
  return out;
}

// One value alone, bytes that lie anywhere, and the same by index, must say what a run of
// many says.
template <class T>
void check_runs(const Dtype& dtype, RType type, std::mt19937_64& random) {
  for (const std::size_t n : {1u, 63u, 511u, 512u, 513u, 1024u, 1500u}) {
    const std::vector<T> data = some_values<T>(random, n);
    const RValues values = values_of(type, data);
    std::vector<std::uint8_t> bytes(n * sizeof(T) + 1);
    std::memcpy(bytes.data() + 1, data.data(), n * sizeof(T));
    RValues unaligned = values;
    unaligned.data = bytes.data() + 1;
    for (const bool maskable : {false, true}) {
      Check expected{};
      for (std::size_t i = 0; i < n && expected.cast_error == CastError::none; ++i) {
        RValues one = values;
        one.count = 1;
        one.data = data.data() + i;
        expected = {check_fit(dtype, one, maskable).cast_error, i};
      }
      for (const RValues& each : {values, unaligned}) {
        const Check found = check_fit(dtype, each, maskable);
        REQUIRE(found.cast_error == expected.cast_error);
        if (found.cast_error != CastError::none) REQUIRE(found.index == expected.index);
      }
    }
    const std::string whole = encoded(dtype, values);
    CHECK(encoded(dtype, unaligned) == whole);
    std::vector<std::uint64_t> index(n);
    for (std::size_t i = 0; i < n; ++i) index[i] = n - 1 - i;
    const std::uint64_t size = dtype.itemsize;
    std::vector<std::uint8_t> turned(n * size), mask(n), alone(n);
    encode(dtype, values, index.data(), 0, n, turned.data(), mask.data());
    encode(dtype, values, nullptr, 0, n, nullptr, alone.data());
    for (std::size_t i = 0; i < n; ++i) {
      if (!alone[i]) {  // what lies below a mask is nobody's
        CHECK(std::memcmp(&turned[(n - 1 - i) * size], &whole[i * size], size) == 0);
      }
      CHECK(mask[n - 1 - i] == alone[i]);
      CHECK((alone[i] != 0) == is_missing(data[i]));
    }
  }
}

TEST_CASE("many values are checked and converted as each alone is") {
  std::mt19937_64 random(11);
  for (const char* name : {"i1", "u1", ">i2", "u2", "i4", ">i4", "u4", "i8", ">i8", "u8",
                           "bool", "f2", "f4", ">f4", "f8", ">f8", "c8", ">c16"}) {
    const Dtype dtype = dtype_of(name);
    check_runs<double>(dtype, RType::real, random);
    check_runs<std::int32_t>(dtype, RType::integer, random);
    check_runs<std::int64_t>(dtype, RType::integer64, random);
    check_runs<std::uint8_t>(dtype, RType::raw, random);
  }
}

TEST_CASE("what is said to fit comes back the same, at the ends of each range") {
  std::vector<double> values{0,
                             0.5,
                             -0.5,
                             kInf,
                             -kInf,
                             65519,
                             65520,
                             0x1.ffffffp127,
                             std::nextafter(0x1.ffffffp127, 0),
                             1e300};
  for (const int bits : {7, 8, 15, 16, 31, 32, 52, 53, 63, 64}) {
    const double power = std::ldexp(1, bits);
    for (const double v : {power, power - 1, power + 1, std::nextafter(power, 0)}) {
      values.push_back(v);
      values.push_back(-v);
    }
  }
  for (const char* name : {"i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"}) {
    for (const double v : values) {
      const std::vector<double> run(600, v);  // enough for whole runs
      const Dtype dtype = dtype_of(name);
      const bool fits = check_fit(dtype, values_of(RType::real, run), false).cast_error ==
                        CastError::none;
      const bool is_signed = name[0] == 'i';
      const double high = std::ldexp(1, static_cast<int>(8 * dtype.itemsize) - is_signed);
      const double low = is_signed ? (dtype.itemsize == 4 ? -high + 1 : -high) : 0;
      CHECK(fits == (v == std::trunc(v) && v >= low && v < high));
    }
  }
}

}  // namespace
}  // namespace mmappickle::numpy
