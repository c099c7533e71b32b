// What fits a dtype comes back the same; what does not is named.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "numpy_testing.h"

namespace mmappickle::numpy {
namespace {

template <class T>
CastError fit(const char* dtype, RType type, T value, bool maskable = false) {
  const std::vector<T> one{value};
  return check_fit(dtype_of(dtype), values_of(type, one), maskable).cast_error;
}
CastError fit(const char* dtype, double value) { return fit(dtype, RType::real, value); }

std::string encoded(const Dtype& dtype, const RValues& values) {
  std::string out(values.count * dtype.itemsize, '\xee');
  encode(dtype, values, nullptr, 0, values.count,
         reinterpret_cast<std::uint8_t*>(&out[0]), nullptr);
  return out;
}

// Doubles through a dtype and back.
std::vector<double> round_trip(const Dtype& dtype, const RValues& values) {
  const std::string items = encoded(dtype, values);
  Target target;
  REQUIRE(target_of(dtype, Choice(), target));
  std::vector<double> out(values.count);
  const auto* from = reinterpret_cast<const std::uint8_t*>(items.data());
  const auto stride = static_cast<std::int64_t>(dtype.itemsize);
  if (target.type == RType::real) {
    decoder(dtype, RType::real)(dtype, from, stride, values.count, out.data(), nullptr);
    return out;
  }
  REQUIRE((target.type == RType::integer || target.type == RType::logical));
  std::vector<std::int32_t> whole(values.count);
  decoder(dtype, target.type)(dtype, from, stride, values.count, whole.data(), nullptr);
  return std::vector<double>(whole.begin(), whole.end());
}

TEST_CASE("integers: whole numbers in range, both ends") {
  for (const char* name : {"i1", "u1", "i2", ">i2", "u2", ">u2", "i4", ">i4", "u4", ">u4",
                           "i8", ">i8", "u8", ">u8", "bool"}) {
    CAPTURE(name);
    const Dtype d = dtype_of(name);
    const bool is_signed = d.kind == Kind::integer, boolean = d.kind == Kind::boolean;
    const int bits = boolean ? 1 : static_cast<int>(d.itemsize) * 8 - is_signed;
    const double end = std::ldexp(1, bits);
    const double last = std::nextafter(end, 0) == std::floor(std::nextafter(end, 0))
                            ? std::nextafter(end, 0)
                            : end - 1;
    // -2^31 is NA in R's integers; the least of all others comes back.
    const double least = !is_signed ? 0 : bits == 31 ? -end + 1 : -end;
    CHECK(fit(name, last) == CastError::none);
    CHECK(fit(name, least) == CastError::none);
    CHECK(fit(name, end) == CastError::range);
    CHECK(fit(name, least - (bits == 63 ? 2048 : 1)) == CastError::range);
    CHECK(fit(name, 0.5) == CastError::fraction);
    CHECK(fit(name, kInf) == CastError::range);
    CHECK(fit(name, -kInf) == CastError::range);
    CHECK(fit(name, na_real()) == CastError::missing);
    CHECK(fit(name, kNan) == CastError::not_a_number);
    CHECK(fit(name, RType::real, na_real(), true) == CastError::none);
    CHECK(fit(name, RType::real, kNan, true) == CastError::not_a_number);
    CHECK(fit(name, RType::integer, kNaInteger) == CastError::missing);
    CHECK(fit(name, RType::integer, kNaInteger, true) == CastError::none);
    CHECK(fit(name, RType::logical, kNaInteger) == CastError::missing);
    CHECK(fit(name, RType::logical, std::int32_t{1}) == CastError::none);
    CHECK(fit(name, RType::integer64, kNaInteger64) == CastError::missing);
    CHECK(fit(name, RType::raw, std::uint8_t{1}) == CastError::none);
    CHECK(fit(name, RType::complex, std::complex<double>(1, 0)) == CastError::type);
    const std::vector<double> some{last, least, 1, 0};
    CHECK(round_trip(d, values_of(RType::real, some)) == some);
  }
  CHECK(fit("u1", RType::raw, std::uint8_t{255}) == CastError::none);
  CHECK(fit("i1", RType::raw, std::uint8_t{128}) == CastError::range);
  CHECK(fit("u8", RType::integer, std::int32_t{-1}) == CastError::range);
  CHECK(fit("u8", RType::integer64, INT64_MAX) == CastError::none);
  CHECK(fit("u4", RType::integer64, std::int64_t{1} << 32) == CastError::range);
  CHECK(fit("i4", RType::integer64, -(std::int64_t{1} << 31)) == CastError::range);
}

TEST_CASE("the first that does not fit is told") {
  const std::vector<double> v{1, 2, 300, -1};
  const Check check = check_fit(dtype_of("u1"), values_of(RType::real, v), false);
  CHECK(check.cast_error == CastError::range);
  CHECK(check.index == 2);
}

TEST_CASE("floats: rounding is allowed, overflow is not, NA becomes NaN") {
  CHECK(fit("f2", 65519.99) == CastError::none);
  CHECK(fit("f2", 65520) == CastError::range);
  CHECK(fit("f4", 3.4028235e38) == CastError::none);
  CHECK(fit("f4", -3.5e38) == CastError::range);
  CHECK(fit("f4", 1e-300) == CastError::none);
  for (const char* name : {"f2", "f4", ">f4", "f8", ">f8", "g", ">g"}) {
    CAPTURE(name);
    CHECK(fit(name, kInf) == CastError::none);
    CHECK(fit(name, RType::integer, kNaInteger) == CastError::none);
    CHECK(fit(name, RType::complex, std::complex<double>(1, 0)) == CastError::type);
    std::vector<double> v{1.5, -kInf, 0, -0.25, 0, 6.103515625e-05};
    std::memcpy(&v[4], &kNaRealBits, sizeof kNaRealBits);  // not by way of a register
    const std::vector<double> back =
        round_trip(dtype_of(name), values_of(RType::real, v));
    for (std::size_t i : {0, 1, 2, 3, 5}) CHECK(back[i] == v[i]);
    CHECK(std::isnan(back[4]));
    std::uint64_t bits;
    std::memcpy(&bits, &back[4], 8);
    if (dtype_of(name).itemsize >= 8) CHECK(bits == kNaRealBits);
  }
  const std::vector<std::int32_t> whole{1, kNaInteger, -7};
  const std::vector<double> back =
      round_trip(dtype_of("f8"), values_of(RType::integer, whole));
  CHECK(back[0] == 1);
  CHECK(std::isnan(back[1]));
  CHECK(back[2] == -7);
  CHECK(fit("f8", RType::integer64, (std::int64_t{1} << 53) + 1) == CastError::range);
  CHECK(fit("f8", RType::integer64, std::int64_t{1} << 60) == CastError::none);
  CHECK(fit("f8", RType::integer64, INT64_MAX) == CastError::range);
}

TEST_CASE("NaNs keep their bits: in either byte order, by index, in extended floats") {
  const std::vector<std::uint64_t> bits{kNaRealBits, 0x7ff0000000000001,
                                        0xfff4000000000800, 0x7ff8000000000000};
  for (const char* name : {"<f8", ">f8", "<g", ">g", "<c16", ">c16", "<G", ">G"}) {
    CAPTURE(std::string(name));
    const Dtype d = dtype_of(name);
    const bool pairs = d.kind == Kind::complex;
    RValues values;
    values.type = pairs ? RType::complex : RType::real;
    values.count = pairs ? 2 : 4;
    values.data = bits.data();
    const std::vector<std::uint64_t> index =
        pairs ? std::vector<std::uint64_t>{1, 0} : std::vector<std::uint64_t>{2, 3, 0, 1};
    for (const bool by_index : {false, true}) {
      std::vector<std::uint8_t> items(values.count * d.itemsize);
      encode(d, values, by_index ? index.data() : nullptr, 0, values.count, items.data(),
             nullptr);
      std::vector<std::uint64_t> back(4), expected = bits;
      decoder(d, values.type)(d, items.data(), static_cast<std::int64_t>(d.itemsize),
                              values.count, back.data(), nullptr);
      if (by_index) std::rotate(expected.begin(), expected.begin() + 2, expected.end());
      CHECK(back == expected);
    }
  }
}

TEST_CASE("halves round to nearest, ties to even") {
  struct Case {
    double from, to;
  };
  for (const Case& c : {Case{2049, 2048},
                        {2051, 2052},
                        {2048.9999, 2048},
                        {65519, 65504},
                        {0x1p-25, 0},
                        {0x1.8p-24, 0x1p-23},
                        {0x1.0001p-25, 0x1p-24},
                        {0x1.ffffp-15, 0x1p-14},
                        {-2049, -2048},
                        {1e-10, 0}}) {
    CAPTURE(c.from);
    const std::vector<double> v{c.from};
    CHECK(round_trip(dtype_of("f2"), values_of(RType::real, v))[0] == c.to);
  }
}

TEST_CASE("doubles pass extended floats unchanged") {
  std::vector<double> v{1, -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308};
  std::uint64_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double d;
    std::memcpy(&d, &state, 8);
    if (!std::isnan(d)) v.push_back(d);
  }
  for (const char* name : {"g", ">g", "f12"}) {
    CHECK(round_trip(dtype_of(name), values_of(RType::real, v)) == v);
  }
}

TEST_CASE("complex") {
  const std::complex<double> z(1.5, -2), na(na_real(), 0);
  CHECK(fit("c16", RType::complex, z) == CastError::none);
  CHECK(fit("c8", RType::complex, std::complex<double>(1, 1e39)) == CastError::range);
  CHECK(fit("c8", RType::real, 1e39) == CastError::range);
  for (const char* name : {"c8", ">c8", "c16", ">c16", "G", ">G"}) {
    CAPTURE(name);
    const Dtype d = dtype_of(name);
    const std::vector<std::complex<double>> v{z, na, {0, kInf}};
    const std::string items = encoded(d, values_of(RType::complex, v));
    std::complex<double> back[3];
    decoder(d, RType::complex)(d, reinterpret_cast<const std::uint8_t*>(items.data()),
                               static_cast<std::int64_t>(d.itemsize), 3, back, nullptr);
    CHECK(back[0] == z);
    CHECK(std::isnan(back[1].real()));
    CHECK(back[2] == v[2]);
    const std::vector<double> real{2.5};
    CHECK(fit(name, 2.5) == CastError::none);
    const std::string one = encoded(d, values_of(RType::real, real));
    decoder(d, RType::complex)(d, reinterpret_cast<const std::uint8_t*>(one.data()),
                               static_cast<std::int64_t>(d.itemsize), 1, back, nullptr);
    CHECK(back[0] == std::complex<double>(2.5, 0));
  }
}

Check fit_time(const char* dtype, Meaning meaning, double value, double seconds = 1) {
  const std::vector<double> one{value};
  RValues v = values_of(RType::real, one);
  v.meaning = meaning;
  v.seconds_per_unit = seconds;
  return check_fit(dtype_of(dtype), v, false);
}

TEST_CASE("dates and times go by their meaning") {
  const auto fits = [](const char* dtype, Meaning meaning, double v, double s = 1) {
    return fit_time(dtype, meaning, v, s).cast_error;
  };
  const Meaning date = Meaning::date, time = Meaning::datetime, diff = Meaning::difftime;
  CHECK(fits("M8[D]", date, 18262) == CastError::none);
  CHECK(fits("M8[D]", date, 0.5) == CastError::fraction);
  CHECK(fits("M8[D]", time, 86400) == CastError::none);
  CHECK(fits("M8[D]", time, 86401) == CastError::fraction);
  CHECK(fits("M8[W]", date, 14) == CastError::none);
  CHECK(fits("M8[W]", date, 15) == CastError::fraction);
  CHECK(fits("M8[M]", date, 31) == CastError::none);  // 1970-02-01
  CHECK(fits("M8[M]", date, 32) == CastError::fraction);
  CHECK(fits("M8[Y]", date, -365) == CastError::none);  // 1969-01-01
  CHECK(fits("M8[Y]", date, 31) == CastError::fraction);
  CHECK(fits("M8[ns]", date, 1) == CastError::none);
  CHECK(fits("M8[ns]", time, 1600000000.123456) == CastError::none);
  CHECK(fits("M8[ns]", time, 1.0 / 3) == CastError::fraction);
  CHECK(fits("M8[s]", time, 0.5) == CastError::fraction);
  CHECK(fits("M8[25s]", time, 50) == CastError::none);
  CHECK(fits("M8[25s]", time, 51) == CastError::fraction);
  CHECK(fits("M8[ns]", time, 1e10) == CastError::range);
  CHECK(fits("M8[ns]", time, kInf) == CastError::range);
  CHECK(fits("M8[ns]", time, na_real()) == CastError::none);
  CHECK(fits("m8[s]", diff, 1.5, 60) == CastError::none);
  CHECK(fits("m8[h]", diff, 90, 60) == CastError::fraction);
  CHECK(fits("m8[h]", diff, 120, 60) == CastError::none);
  CHECK(fits("m8[D]", diff, 2, 604800) == CastError::none);
  // Another meaning is another type.
  CHECK(fits("M8[D]", Meaning::plain, 1) == CastError::type);
  CHECK(fits("M8[D]", diff, 1) == CastError::type);
  CHECK(fits("m8[D]", date, 1) == CastError::type);
  CHECK(fits("f8", date, 1) == CastError::type);
  CHECK(fits("i4", time, 1) == CastError::type);
  CHECK(fits("m8", Meaning::plain, 5) == CastError::none);
  CHECK(fits("m8", Meaning::plain, 5.5) == CastError::fraction);
  CHECK(fits("m8", diff, 5) == CastError::type);
}

TEST_CASE("ticks come back from every unit") {
  const char* units[] = {"Y", "M",  "W",  "D",  "h",   "m",
                         "s", "ms", "us", "ns", "25s", "7D"};
  for (const char* unit : units) {
    for (const char* order : {"<", ">"}) {
      const Dtype d = dtype_of(std::string(order) + "M8[" + unit + "]");
      CAPTURE(code(d));
      Target target;
      REQUIRE(target_of(d, Choice(), target));
      std::vector<std::int64_t> ticks{INT64_MIN, 0, 1, -1, 12345, -67890};
      if (!d.big_endian != !kHostIsBigEndian) {
        for (std::int64_t& t : ticks) {
          std::uint8_t* p = reinterpret_cast<std::uint8_t*>(&t);
          std::reverse(p, p + 8);
        }
      }
      std::vector<double> v(ticks.size());
      decoder(d, RType::real)(d, reinterpret_cast<const std::uint8_t*>(ticks.data()), 8,
                              v.size(), v.data(), nullptr);
      RValues values = values_of(RType::real, v);
      values.meaning = target.meaning;
      CHECK(std::isnan(v[0]));
      CHECK(check_fit(d, values, false).cast_error == CastError::none);
      CHECK(encoded(d, values) ==
            std::string(reinterpret_cast<const char*>(ticks.data()), 8 * ticks.size()));
    }
  }
}

CastError fit_text(const char* dtype, const char* s, bool maskable = false) {
  RValues v;
  const std::vector<Bytes> strings{s ? Bytes(std::string_view(s)) : Bytes()};
  v.type = RType::string;
  v.count = 1;
  v.strings = &strings;
  return check_fit(dtype_of(dtype), v, maskable).cast_error;
}

TEST_CASE("text") {
  CHECK(fit_text("S3", "abc") == CastError::none);
  CHECK(fit_text("S3", "abcd") == CastError::too_long);
  CHECK(fit_text("S3", "\xc3\xa9\xc3\xa9") == CastError::too_long);
  CHECK(fit_text("U2", "\xc3\xa9\xf0\x9f\x98\x80") == CastError::none);
  CHECK(fit_text("U2", "abc") == CastError::too_long);
  CHECK(fit_text("U2", "\xff") == CastError::not_text);
  CHECK(fit_text("S2", "\xff") == CastError::not_text);
  CHECK(fit_text("U2", "") == CastError::none);
  CHECK(fit_text("U2", nullptr) == CastError::missing);
  CHECK(fit_text("U2", nullptr, true) == CastError::none);
  CHECK(fit_text("f8", "a") == CastError::type);
  CHECK(fit("S3", 1.0) == CastError::type);
  CHECK(fit("V3", 1.0) == CastError::type);
  CHECK(fit("O", 1.0) == CastError::type);
  const std::vector<Bytes> strings{Bytes("a\xf0\x9f\x98\x80z"), Bytes(), Bytes("")};
  RValues v;
  v.type = RType::string;
  v.count = 3;
  v.strings = &strings;
  for (const char* name : {"<U4", ">U4", "S6"}) {
    const Dtype d = dtype_of(name);
    const std::string items = encoded(d, v);
    const auto* from = reinterpret_cast<const std::uint8_t*>(items.data());
    CHECK(decode_string(d, from, nullptr) == strings[0].text());
    CHECK(decode_string(d, from + d.itemsize, nullptr).empty());
  }
}

TEST_CASE("NA as one types it fits text, where it can be masked") {
  const std::vector<std::int32_t> missing{kNaInteger, kNaInteger}, one{kNaInteger, 1};
  for (const char* name : {"S2", "U2", ">U2"}) {
    const Dtype d = dtype_of(name);
    RValues v = values_of(RType::logical, missing);
    CHECK(check_fit(d, v, false).cast_error == CastError::missing);
    CHECK(check_fit(d, v, true).cast_error == CastError::none);
    CHECK(check_fit(d, values_of(RType::logical, one), true).cast_error ==
          CastError::type);
    CHECK(check_fit(d, values_of(RType::integer, missing), true).cast_error ==
          CastError::type);
    std::vector<std::uint8_t> bytes(2 * d.itemsize, 7), mask(2, 7);
    encode(d, v, nullptr, 0, 2, bytes.data(), mask.data());
    CHECK(bytes == std::vector<std::uint8_t>(2 * d.itemsize, 0));
    CHECK(mask == std::vector<std::uint8_t>{1, 1});
  }
}

TEST_CASE("what R cannot hold is escaped, and told") {
  bool escaped = false;
  const Dtype u = dtype_of("<U3");
  const std::uint8_t beyond[12] = {0xff, 0xff, 0xff, 0x7f, 'a', 0, 0, 0, 0, 0, 0, 0};
  CHECK(decode_string(u, beyond, &escaped) == "\\U7fffffffa");
  CHECK(escaped);
  escaped = false;
  CHECK(decode_string(dtype_of("S4"), beyond + 4, &escaped) == "a");
  CHECK_FALSE(escaped);
}

TEST_CASE("64-bit integers that doubles round are told") {
  bool inexact = false;
  const std::int64_t v[] = {std::int64_t{1} << 53, -(std::int64_t{1} << 53), INT64_MIN};
  double out[3];
  const Dtype i8 = host_dtype_of("i8"), u8 = host_dtype_of("u8");
  const auto* p = reinterpret_cast<const std::uint8_t*>(v);
  decoder(i8, RType::real)(i8, p, 8, 3, out, &inexact);
  CHECK_FALSE(inexact);
  const std::int64_t odd = (std::int64_t{1} << 53) + 1;
  p = reinterpret_cast<const std::uint8_t*>(&odd);
  decoder(i8, RType::real)(i8, p, 8, 1, out, &inexact);
  CHECK(inexact);
  for (std::uint64_t most : {UINT64_MAX, UINT64_MAX - 1}) {
    inexact = false;
    p = reinterpret_cast<const std::uint8_t*>(&most);
    decoder(u8, RType::real)(u8, p, 8, 1, out, &inexact);
    CHECK(inexact);
    inexact = false;
    std::int64_t whole = 0;
    decoder(u8, RType::integer64)(u8, p, 8, 1, &whole, &inexact);
    CHECK(inexact);
    CHECK(whole == kNaInteger64);
  }
}

TEST_CASE("same layout, and the natural dtypes") {
  CHECK(same_layout(dtype_of("<f8"), RType::real) == !kHostIsBigEndian);
  CHECK(same_layout(dtype_of(">f8"), RType::real) == kHostIsBigEndian);
  CHECK(same_layout(dtype_of("u1"), RType::raw));
  CHECK_FALSE(same_layout(dtype_of("i1"), RType::raw));
  CHECK(same_layout(host_dtype_of("i8"), RType::integer64));
  CHECK_FALSE(same_layout(dtype_of("u4"), RType::integer));
  CHECK_FALSE(same_layout(dtype_of("bool"), RType::logical));
  CHECK(natural_dtype(RType::logical) == host_dtype_of("bool"));
  CHECK(natural_dtype(RType::integer) == host_dtype_of("int32"));
  CHECK(natural_dtype(RType::raw) == host_dtype_of("uint8"));
  CHECK(natural_dtype(RType::real, Meaning::date) == host_dtype_of("datetime64[D]"));
  CHECK(natural_dtype(RType::real, Meaning::datetime) == host_dtype_of("datetime64[ns]"));
  CHECK(natural_dtype(RType::real, Meaning::difftime) ==
        host_dtype_of("timedelta64[ns]"));
}

}  // namespace
}  // namespace mmappickle::numpy
