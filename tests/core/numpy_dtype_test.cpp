#include <doctest/doctest.h>

#include "numpy/form_dtype.h"
#include "numpy_testing.h"

namespace mmappickle::numpy {
namespace {

TEST_CASE("names of dtypes") {
  struct Case {
    const char *name, *text, *code;
  };
  for (const Case& c : {
           Case{"f8", "float64", "<f8"},
           {"float64", "float64", "<f8"},
           {"=d", "float64", "<f8"},
           {"|f8", "float64", "<f8"},
           {">f4", ">f4", ">f4"},
           {">u1", "uint8", "|u1"},
           {"|i1", "int8", "|i1"},
           {"bool", "bool", "|b1"},
           {"?", "bool", "|b1"},
           {"b1", "bool", "|b1"},
           {"b", "int8", "|i1"},
           {"|S3", "|S3", "|S3"},
           {"a3", "|S3", "|S3"},
           {">S3", "|S3", "|S3"},
           {"S", "|S0", "|S0"},
           {"U7", "<U7", "<U7"},
           {">U7", ">U7", ">U7"},
           {"V8", "|V8", "|V8"},
           {"O", "object", "|O"},
           {"object", "object", "|O"},
           {"longdouble", "float128", "<f16"},
           {">g", ">f16", ">f16"},
           {"f12", "float96", "<f12"},
           {"complex256", "complex256", "<c32"},
           {"M8", "datetime64", "<M8"},
           {"datetime64", "datetime64", "<M8"},
           {"datetime64[generic]", "datetime64", "<M8"},
           {"datetime64[25s]", "datetime64[25s]", "<M8[25s]"},
           {"M8[1ns]", "datetime64[ns]", "<M8[ns]"},
           {">M8[us]", ">M8[us]", ">M8[us]"},
           {"m8[W]", "timedelta64[W]", "<m8[W]"},
           {"S2147483647", "|S2147483647", "|S2147483647"},
       }) {
    CAPTURE(c.name);
    const Dtype d = dtype_of(c.name);
    CHECK(text(d) == c.text);
    CHECK(code(d) == c.code);
    CHECK(dtype_of(text(d)) == d);
    CHECK(dtype_of(code(d)) == d);
  }
}

TEST_CASE("a name says the same on machines of either byte order") {
  for (const char* name : {"f8", "=f8", "float64", "<f8", "U3", "M8[ns]"}) {
    CAPTURE(std::string(name));
    const Dtype little = dtype_of(name);
    CHECK_FALSE(little.big_endian);
    Dtype big = little;
    big.big_endian = true;
    CHECK(text(big) == code(big));
    CHECK(text(big)[0] == '>');
    for (const Dtype& dtype : {little, big}) {
      CHECK(dtype_of(text(dtype)) == dtype);
      CHECK(dtype_of(written_name(dtype)) == dtype);
    }
  }
  CHECK(text(dtype_of("<f8")) == "float64");
  // Python on a big-endian machine takes "float64" for ">f8".
  CHECK(written_name(dtype_of("<f8")) == (kHostIsBigEndian ? "<f8" : "float64"));
  CHECK(written_name(dtype_of("i1")) == "int8");
}

TEST_CASE("what is no dtype") {
  using namespace std::string_view_literals;
  for (std::string_view name : {""sv,
                                "<"sv,
                                "f"sv,
                                "f0"sv,
                                "f3"sv,
                                "f9"sv,
                                "i16"sv,
                                "b8"sv,
                                "c4"sv,
                                "f8 "sv,
                                " f8"sv,
                                "f8\0"sv,
                                "f+8"sv,
                                "S-1"sv,
                                "V-5"sv,
                                "S2147483648"sv,
                                "S4294967297"sv,
                                "U536870912"sv,
                                "U9999999999"sv,
                                "f\xd9\xa8"sv,
                                "M8["sv,
                                "M8[]"sv,
                                "M8[foo]"sv,
                                "M8[0s]"sv,
                                "M8[-1s]"sv,
                                "M8[99999999999ns]"sv,
                                "M8[ns"sv,
                                "M8ns]"sv,
                                "M8[5generic]"sv,
                                "M9[ns]"sv,
                                "datetime64[ns]x"sv,
                                "<datetime64[ns]"sv,
                                "<float64"sv,
                                "float65"sv,
                                "f8,i4"sv,
                                "2f8"sv,
                                "(2,3)f8"sv,
                                "[('a', '<i4')]"sv}) {
    CAPTURE(std::string(name));
    Dtype d = dtype_of("S7");
    const bool f = name == "f"sv;  // the one letter code of float32
    CHECK(parse_dtype(name, d) == f);
    if (!f) CHECK(d == dtype_of("S7"));
  }
}

Field field(const char* name, const Dtype& dtype, std::uint64_t offset,
            const Shape& subshape = {}) {
  Field f;
  f.name = name;
  f.dtype = dtype;
  f.dtype.subshape = subshape;
  for (std::uint64_t extent : subshape) f.dtype.itemsize *= extent;
  f.offset = offset;
  return f;
}

Dtype structured(std::vector<Field> fields, std::uint64_t itemsize) {
  Dtype d;
  d.kind = Kind::structured;
  d.fields = std::move(fields);
  d.itemsize = itemsize;
  return d;
}

TEST_CASE("structured dtypes as Python prints them") {
  const Dtype i2 = dtype_of("<i2"), f4 = dtype_of("<f4");
  Dtype d =
      structured({field("p", dtype_of("u1"), 0),
                  field("q", structured({field("r", i2, 0), field("s", f4, 2)}, 6), 1)},
                 7);
  CHECK(text(d) == "[('p', 'u1'), ('q', [('r', '<i2'), ('s', '<f4')])]");
  CHECK(code(d) == "|V7");
  CHECK(is_packed(d));
  CHECK(text(structured({field("t", i2, 0, {3})}, 6)) == "[('t', '<i2', (3,))]");
  CHECK(text(structured({field("b", dtype_of("bool"), 0)}, 1)) == "[('b', '?')]");
  d = structured({field("x", i2, 4), field("y", dtype_of("<i4"), 0)}, 12);
  CHECK(text(d) ==
        "{'names': ['x', 'y'], 'formats': ['<i2', '<i4'], 'offsets': [4, 0], "
        "'itemsize': 12}");
  CHECK_FALSE(is_packed(d));
  d = structured({field("a", dtype_of("u1"), 0), field("b", dtype_of("<f8"), 8)}, 16);
  d.aligned = true;
  CHECK(text(d) ==
        "{'names': ['a', 'b'], 'formats': ['u1', '<f8'], 'offsets': [0, 8], "
        "'itemsize': 16, 'aligned': True}");
}

TEST_CASE("a field is an array of its own, with its part of the mask") {
  const Dtype i2 = dtype_of("<i2");
  const Dtype inner = structured({field("x", i2, 0), field("y", dtype_of("S1"), 2)}, 3);
  const Dtype d = structured(
      {field("a", i2, 0), field("b", i2, 2, {2, 2}), field("c", inner, 10)}, 13);
  CHECK(mask_itemsize(d) == 1 + 4 + 2);
  std::uint8_t items[26], masks[14];
  for (int i = 0; i < 26; ++i) items[i] = static_cast<std::uint8_t>(i);
  for (int i = 0; i < 14; ++i) masks[i] = static_cast<std::uint8_t>(100 + i);
  Array a = array_of(d, {2}, false, items);
  a.masked = true;
  a.mask = masks;
  a.mask_strides = {7};
  const Array b = a.field(d.fields[1]);
  CHECK(b.shape == Shape{2, 2, 2});
  CHECK(b.strides == Strides{13, 4, 2});
  CHECK(b.mask_strides == Strides{7, 2, 1});
  CHECK(b.dtype == i2);
  CHECK(*b.data == 2);
  CHECK(*b.mask == 101);
  const Array y = a.field(d.fields[2]).field(inner.fields[1]);
  CHECK(y.shape == Shape{2});
  CHECK(*y.data == 12);
  CHECK(*y.mask == 106);
}

TEST_CASE("strides of contiguous arrays") {
  Strides s;
  std::uint64_t n = 0;
  CHECK(contiguous_strides({2, 3, 4}, 8, false, s, n));
  CHECK(s == Strides{96, 32, 8});
  CHECK(n == 192);
  CHECK(contiguous_strides({2, 3, 4}, 8, true, s, n));
  CHECK(s == Strides{8, 16, 48});
  CHECK(contiguous_strides({}, 8, false, s, n));
  CHECK(n == 8);
  // Huge extents of an array without elements are harmless; others are not.
  const std::uint64_t huge = std::uint64_t{1} << 62;
  CHECK(contiguous_strides({0, huge, huge}, 8, false, s, n));
  CHECK(n == 0);
  CHECK_FALSE(contiguous_strides({huge, 2}, 8, false, s, n));
  CHECK_FALSE(contiguous_strides({huge, huge}, 1, false, s, n));
  CHECK_FALSE(contiguous_strides({std::uint64_t{1} << 61}, 8, false, s, n));
  CHECK_FALSE(contiguous_strides({huge, 8}, 0, false, s, n));
  CHECK_FALSE(contiguous_strides({kMaxEmptyItems + 1}, 0, false, s, n));
  CHECK(contiguous_strides({kMaxEmptyItems}, 0, false, s, n));
  CHECK(contiguous_strides(Shape(kMaxRank, 1), 8, false, s, n));
  CHECK_FALSE(contiguous_strides(Shape(kMaxRank + 1, 1), 8, false, s, n));
}

TEST_CASE("orders") {
  const std::uint8_t data[48] = {};
  const Dtype f8 = dtype_of("f8");
  CHECK(array_of(f8, {2, 3}, false, data).c_order());
  CHECK_FALSE(array_of(f8, {2, 3}, false, data).f_order());
  CHECK(array_of(f8, {2, 3}, true, data).f_order());
  CHECK(array_of(f8, {2, 3}, false, data).reversed().f_order());
  CHECK(array_of(f8, {1, 6}, false, data).f_order());
  CHECK(array_of(f8, {0, 3}, true, data).c_order());
  CHECK(array_of(f8, {}, true, data).c_order());
  Array a = array_of(f8, {3}, false, data);
  a.strides = {16};
  CHECK_FALSE(a.c_order());
}

}  // namespace
}  // namespace mmappickle::numpy
