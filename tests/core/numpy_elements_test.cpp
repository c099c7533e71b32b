#include <doctest/doctest.h>

#include "base/error.h"
#include "numpy/elements.h"

using namespace mmappickle;
using namespace mmappickle::numpy;

namespace {

Dtype dtype_of(const char* name) {
  Dtype dtype;
  REQUIRE(parse_dtype(name, dtype));
  return dtype;
}

struct Numbers {
  std::vector<double> data;
  RValues values;
  explicit Numbers(std::vector<double> numbers) : data(std::move(numbers)) {
    values.type = RType::real;
    values.count = data.size();
    values.data = data.data();
  }
};

std::vector<int> bytes_of(const std::shared_ptr<const Source>& source) {
  std::vector<std::uint8_t> bytes(source->size());
  source->read(0, bytes.data(), bytes.size());
  return {bytes.begin(), bytes.end()};
}

template <class Code>
std::string message_of(Code&& code) {
  try {
    code();
  } catch (const Error& error) {
    return error.message;
  }
  return "";
}

}  // namespace

TEST_CASE("elements: the first that does not fit is named") {
  const Numbers numbers({1, 2.5, 300});
  const auto message = [&](const char* dtype) {
    return message_of(
        [&] { check_values(dtype_of(dtype), numbers.values, false, "x$a"); });
  };
  CHECK(message("uint8") == "x$a does not fit uint8: element 2, 2.5, has a fraction.");
  CHECK(message("float64").empty());
  CHECK(message("U3") == "x$a does not fit <U3, which cannot hold numbers.");
}

TEST_CASE("elements: NA is masked where it may be") {
  const Numbers numbers({1, na_real()});
  const auto encoded = [&](bool maskable) {
    return encode_elements(dtype_of("int8"), {2}, numbers.values, true, maskable, "x");
  };
  CHECK(bytes_of(encoded(true).mask) == std::vector<int>{0, 1});
  CHECK(message_of([&] { encoded(false); }) ==
        "x does not fit int8: element 2 is NA, for which it has no value.");
}

TEST_CASE("elements: a text without a length gets that of the longest") {
  RValues values;
  values.type = RType::string;
  const std::vector<Bytes> strings{Bytes(std::string_view("a")),
                                   Bytes(std::string_view("\xc3\xa9t\xc3\xa9"))};
  values.strings = &strings;
  values.count = 2;
  const auto size = [&](const char* dtype) {
    return encode_elements(dtype_of(dtype), {2}, values, true, true, "x").dtype.itemsize;
  };
  CHECK(size("U") == 12);
  CHECK(size("S") == 5);
  CHECK(size("U7") == 28);
}

TEST_CASE("elements: V has the bytes of an item in its first dimension") {
  const std::uint8_t bytes[] = {1, 2, 3, 4, 5, 6};
  const Elements items = encode_void(dtype_of("V"), {2, 3}, bytes, true, "x");
  CHECK(items.dtype.itemsize == 2);
  CHECK(items.dims == Shape{3});
  CHECK(bytes_of(items.data) == std::vector<int>{1, 2, 3, 4, 5, 6});
  CHECK_THROWS_AS(encode_void(dtype_of("V3"), {2, 3}, bytes, true, "x"), Error);
  CHECK_THROWS_AS(encode_void(dtype_of("V"), {0, 3}, bytes, true, "x"), Error);
  CHECK_THROWS_AS(encode_void(dtype_of("V"), {2, 3}, nullptr, true, "x"), Error);
}

TEST_CASE("elements: columns become the fields of records, row by row") {
  const Numbers a({1, 2}), b({3, 4, 5, 6});
  const Dtype byte = dtype_of("uint8");
  Records records;
  records.add("a", encode_elements(byte, {2}, a.values, false, true, "a"), true, "a");
  records.add("b", encode_elements(byte, {2, 2}, b.values, false, true, "b"), true, "b");
  const Elements out = records.finish("x");
  CHECK(out.dims == Shape{2});
  CHECK(out.dtype.itemsize == 3);
  REQUIRE(out.dtype.fields.size() == 2);
  CHECK(out.dtype.fields[1].offset == 1);
  CHECK(out.dtype.fields[1].dtype.subshape == Shape{2});
  CHECK(bytes_of(out.data) == std::vector<int>{1, 3, 5, 2, 4, 6});
  CHECK(!out.mask);
}

TEST_CASE("elements: a mask in one field is a mask of all") {
  const Numbers a({1, 2}), b({na_real(), 4});
  const Dtype byte = dtype_of("uint8");
  Records records;
  records.add("a", encode_elements(byte, {2}, a.values, true, true, "a"), false, "a");
  records.add("b", encode_elements(byte, {2}, b.values, true, true, "b"), false, "b");
  CHECK(bytes_of(records.finish("x").mask) == std::vector<int>{0, 1, 0, 0});
}

TEST_CASE("elements: fields of other dimensions, of no bytes, of objects") {
  const Numbers a({1, 2}), b({1, 2, 3});
  const Dtype byte = dtype_of("uint8");
  Records records;
  records.add("a", encode_elements(byte, {2}, a.values, true, true, "a"), false, "a");
  Elements longer = encode_elements(byte, {3}, b.values, true, true, "b");
  CHECK(message_of([&] { records.add("b", longer, false, "x$b"); }) ==
        "x$b has not as many elements as the columns before it, or other dimensions.");
  Elements objects;
  objects.dtype.kind = Kind::object;
  CHECK_THROWS_AS(records.add("c", objects, false, "c"), Error);
  CHECK(message_of([] { Records().finish("x"); }) == "x has items of no bytes.");
}

TEST_CASE("elements: layouts") {
  for (const bool reversed : {false, true}) {
    for (const bool fortran : {false, true}) {
      Elements elements;
      elements.dims = {2, 3};
      const NewArray array = new_array(elements, {reversed, fortran});
      CHECK(array.shape == (reversed ? Shape{3, 2} : Shape{2, 3}));
      CHECK(array.fortran == fortran);
      CHECK(Layout{reversed, fortran}.in_r_order() == (reversed != fortran));
    }
  }
  CHECK_FALSE(object_array({3}, 7, {false, true}).fortran);
}

TEST_CASE("elements: where R's elements are for Python") {
  const auto all = [](bool reversed) {
    PythonPlaces places({2, 3}, reversed);
    std::vector<std::size_t> out;
    for (int i = 0; i < 6; ++i) out.push_back(places.next());
    return out;
  };
  CHECK(all(false) == std::vector<std::size_t>{0, 3, 1, 4, 2, 5});
  CHECK(all(true) == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
}
