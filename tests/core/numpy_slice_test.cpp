// Slices against the plain definition: element by element.
#include <doctest/doctest.h>

#include <cmath>

#include "numpy_slice_testing.h"

namespace mmappickle::numpy {
namespace {

double one(const Array& a, const std::uint8_t* at) {
  double v = 0;
  decoder(a.dtype, RType::real)(a.dtype, at, 0, 1, &v, nullptr);
  return v;
}

bool same(double a, double b) { return std::isnan(a) ? std::isnan(b) : a == b; }

void check_gather(const Array& a, const std::vector<Axis>& axes) {
  const std::uint64_t n = total(axes);
  const std::uint64_t begin = n && below(2) ? below(n) : 0;
  const std::uint64_t count =
      n - begin ? n - begin - (below(2) ? below(n - begin) : 0) : 0;
  std::vector<double> got(count, -1);
  gather(a, axes, begin, count, RType::real, got.data(), nullptr);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const bool na = a.masked && *place(a, axes, begin + i, true);
    wrong += !same(got[i], na ? na_real() : one(a, place(a, axes, begin + i, false)));
  }
  CHECK(wrong == 0);
  std::uint64_t seen = 0;
  visit_elements(a, axes, begin, count,
                 [&](std::uint64_t i, const std::uint8_t* at, bool masked) {
                   seen += i == seen && at == place(a, axes, begin + i, false) &&
                           masked == (a.masked && *place(a, axes, begin + i, true));
                 });
  CHECK(seen == count);
}

TEST_CASE("gather, against single elements") {
  for (const Shape& shape : kShapes) {
    for (const char* name : {"f8", ">f8", "f4", "u2", ">u4", "i8", "f2"}) {
      for (int variant = 0; variant < 4; ++variant) {
        Made made(name, shape, variant & 1, variant & 2);
        CAPTURE(text(made.a.dtype));
        CAPTURE(shape.size());
        check_gather(made.a, whole(shape));
        for (int i = 0; i < 6; ++i) {
          const Axes r = random_axes(shape);
          check_gather(made.a, r.axes);
        }
      }
    }
  }
}

TEST_CASE("gather of every R type, masked, transposed") {
  const Shape shape{50, 60};
  struct Case {
    const char* name;
    RType type;
  };
  for (const Case& c : {Case{"bool", RType::logical},
                        {"u1", RType::integer},
                        {">i2", RType::integer},
                        {"u1", RType::raw},
                        {"i4", RType::integer},
                        {"u8", RType::integer64},
                        {"f4", RType::real},
                        {"c8", RType::complex},
                        {">c16", RType::complex}}) {
    Made made(c.name, shape, false, true);
    CAPTURE(c.name);
    const std::uint64_t size = r_size(c.type), n = 3000;
    std::string got(n * size, '\0');
    gather(made.a, whole(shape), 0, n, c.type, &got[0], nullptr);
    const Decode decode = decoder(made.a.dtype, c.type);
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      std::string expected(size, '\0');
      if (!*place(made.a, whole(shape), i, true)) {
        decode(made.a.dtype, place(made.a, whole(shape), i, false), 0, 1, &expected[0],
               nullptr);
      } else if (c.type == RType::logical || c.type == RType::integer) {
        std::memcpy(&expected[0], &kNaInteger, 4);
      } else if (c.type == RType::integer64) {
        std::memcpy(&expected[0], &kNaInteger64, 8);
      } else if (c.type != RType::raw) {
        for (std::uint64_t k = 0; k < size; k += 8) {
          std::memcpy(&expected[k], &kNaRealBits, 8);
        }
      }
      wrong += got.compare(i * size, size, expected) != 0;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("texts of elements, against single items") {
  const Dtype dtype = dtype_of("S3");
  const std::string items("abcd\xff\0", 6);  // "abc", then "d\xff": no UTF-8
  Array array =
      array_of(dtype, {2}, false, reinterpret_cast<const std::uint8_t*>(items.data()));
  const std::uint8_t masks[] = {1, 0};
  for (const bool masked : {false, true}) {
    array.masked = masked;
    array.mask = masks;
    array.mask_strides = {1};
    std::vector<std::string> texts;
    bool escaped = false;
    const VisitText take = [&](std::uint64_t i, const std::string* text) {
      CHECK(i == texts.size());
      texts.push_back(text ? *text : "masked");
    };
    visit_elements(array, whole(array.shape), 0, 2, as_text(dtype, take, &escaped));
    CHECK(texts == std::vector<std::string>{masked ? "masked" : "abc", "d\\xff"});
    CHECK(escaped);
  }
}

}  // namespace
}  // namespace mmappickle::numpy
