// Slices against the plain definition: element by element.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "numpy_testing.h"

namespace mmappickle::numpy {
namespace {

std::mt19937 random_bits(8);
std::uint64_t below(std::uint64_t n) { return random_bits() % n; }

// An array whose item i (in C order) holds i, and a mask; contiguous in either order.
struct Made {
  Made(const char* name, const Shape& shape, bool fortran, bool masked) {
    const Dtype d = dtype_of(name);
    a = array_of(d, shape, fortran, nullptr);
    const std::uint64_t n = a.count();
    bytes.resize(n * d.itemsize);
    masks.resize(n);
    std::vector<double> numbers(n);
    for (std::uint64_t i = 0; i < n; ++i) {
      numbers[i] = static_cast<double>(i % 100);
      masks[i] = static_cast<std::uint8_t>(below(4) == 0);
    }
    RValues v;
    v.count = n;
    v.data = numbers.data();
    encode(d, v, nullptr, 0, n, bytes.data(), nullptr);
    a.data = bytes.data();
    a.masked = masked;
    a.mask = masks.data();
    std::uint64_t size = 0;
    contiguous_strides(shape, 1, fortran, a.mask_strides, size);
  }
  std::vector<std::uint8_t> bytes, masks;
  Array a;
};

struct Axes {
  std::vector<Axis> axes;
  std::vector<std::vector<std::uint64_t>> lists;
};

// Ranges forward and back, steps, single indices, lists with repeats.
Axes random_axes(const Shape& shape) {
  Axes r;
  r.lists.reserve(shape.size());
  for (std::uint64_t extent : shape) {
    Axis axis;
    switch (extent ? below(5) : 0) {
      case 0:
        axis.count = extent;
        break;
      case 1:
        axis.start = below(extent);
        axis.count = 1;
        break;
      case 2:
        axis.start = extent - 1;
        axis.step = -1;
        axis.count = 1 + below(extent);
        break;
      case 3:
        axis.step = static_cast<std::int64_t>(1 + below(3));
        axis.count = 1 + (extent - 1) / static_cast<std::uint64_t>(axis.step);
        break;
      default:
        r.lists.emplace_back();
        for (std::uint64_t i = below(2 * extent) + 1; i > 0; --i) {
          r.lists.back().push_back(below(extent));
        }
        axis.list = r.lists.back().data();
        axis.count = r.lists.back().size();
    }
    r.axes.push_back(axis);
  }
  return r;
}

std::uint64_t total(const std::vector<Axis>& axes) {
  std::uint64_t n = 1;
  for (const Axis& axis : axes) n *= axis.count;
  return n;
}

// Address of position p of the product, first axis fastest.
const std::uint8_t* place(const Array& a, const std::vector<Axis>& axes, std::uint64_t p,
                          bool of_mask) {
  const std::uint8_t* at = of_mask ? a.mask : a.data;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const auto i = static_cast<std::int64_t>(axes[k].at(p % axes[k].count));
    at += i * (of_mask ? a.mask_strides[k] : a.strides[k]);
    p /= axes[k].count;
  }
  return at;
}

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

const std::vector<Shape> kShapes{{},
                                 {7},
                                 {0},
                                 {1},
                                 {5, 9},
                                 {70, 100},
                                 {100, 3},
                                 {3, 100},
                                 {40, 3, 50},
                                 {2, 3, 4, 5},
                                 {2, 0, 3},
                                 {1, 33, 1, 40},
                                 {3, 2, 3, 2, 3, 2},
                                 {64, 64}};

TEST_CASE("gather, against single elements") {
  for (const Shape& shape : kShapes) {
    for (const char* name : {"f8", ">f8", "f4", "u2", ">u4", "i8", "f2"}) {
      for (int variant = 0; variant < 4; ++variant) {
        Made made(name, shape, variant & 1, variant & 2);
        CAPTURE(text(made.a.dtype));
        CAPTURE(shape.size());
        if (made.a.dtype.itemsize == 2 && made.a.dtype.kind != Kind::floating) continue;
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

TEST_CASE("gather by linear index") {
  for (const Shape& shape : kShapes) {
    Made made("f4", shape, below(2), below(2));
    const std::uint64_t n = made.a.count();
    if (n == 0) continue;
    std::vector<std::uint64_t> index;
    for (int i = 0; i < 300; ++i) index.push_back(below(n));
    std::vector<double> got(index.size());
    gather_linear(made.a, index.data(), index.size(), RType::real, got.data(), nullptr);
    std::uint64_t wrong = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      const std::vector<Axis> all = whole(shape);
      const bool na = made.a.masked && *place(made.a, all, index[i], true);
      wrong += !same(got[i],
                     na ? na_real() : one(made.a, place(made.a, all, index[i], false)));
    }
    CHECK(wrong == 0);
  }
}

// A file: writes go to it, nowhere else.
struct Written {
  explicit Written(Made& made) : made(made) {}
  Made& made;
  std::size_t runs = 0;
  bool data_after_mask = false, seen_mask = false, inside = true;
  WriteRun write() {
    return [this](const std::uint8_t* at, Bytes bytes) {
      ++runs;
      for (auto* part : {&made.bytes, &made.masks}) {
        if (at < part->data() || at >= part->data() + part->size()) continue;
        const auto from = static_cast<std::size_t>(at - part->data());
        inside = inside && from + bytes.size <= part->size() && bytes.size <= 1u << 20;
        if (part == &made.masks) seen_mask = true;
        if (part == &made.bytes && seen_mask) data_after_mask = true;
        std::copy(bytes.data, bytes.data + bytes.size,
                  part->begin() + static_cast<std::ptrdiff_t>(from));
        return;
      }
      inside = false;
    };
  }
};

void check_scatter(Made& made, const std::vector<Axis>& axes) {
  const std::uint64_t n = total(axes);
  std::vector<double> numbers;
  for (std::uint64_t i = below(2) && n % 2 == 0 ? n / 2 : n; i > 0; --i) {
    const bool na = made.a.masked && below(5) == 0;
    numbers.push_back(na ? na_real() : static_cast<double>(below(100)));
  }
  RValues v;
  v.count = numbers.size();
  v.data = numbers.data();
  // Element by element, in R's order: where one stands twice the last counts.
  Made expected = made;
  expected.a.data = expected.bytes.data();
  expected.a.mask = expected.masks.data();
  for (std::uint64_t i = 0; i < n && v.count; ++i) {
    auto* at = const_cast<std::uint8_t*>(place(expected.a, axes, i, false));
    auto* mask = const_cast<std::uint8_t*>(place(expected.a, axes, i, true));
    std::uint8_t flag = 0;
    encode(made.a.dtype, v, nullptr, i % v.count, 1, at, &flag);
    if (made.a.masked) *mask = flag;
  }
  Written file(made);
  scatter(made.a, axes, v, file.write());
  CHECK(file.inside);
  CHECK_FALSE(file.data_after_mask);
  for (std::size_t i = 0; i < made.masks.size() && made.a.masked; ++i) {
    if (!made.masks[i]) continue;  // what lies below a mask means nothing
    const std::size_t size = made.a.dtype.itemsize;
    std::copy_n(made.bytes.begin() + static_cast<std::ptrdiff_t>(i * size), size,
                expected.bytes.begin() + static_cast<std::ptrdiff_t>(i * size));
  }
  CHECK(made.bytes == expected.bytes);
  CHECK(made.masks == expected.masks);
}

TEST_CASE("scatter, against single elements") {
  for (const Shape& shape : kShapes) {
    for (const char* name : {"f8", ">f4", "u1", "i4"}) {
      for (int variant = 0; variant < 4; ++variant) {
        Made made(name, shape, variant & 1, variant & 2);
        CAPTURE(name);
        CAPTURE(shape.size());
        check_scatter(made, whole(shape));
        for (int i = 0; i < 4; ++i) {
          const Axes r = random_axes(shape);
          check_scatter(made, r.axes);
        }
      }
    }
  }
}

TEST_CASE("runs are as long as they come") {
  Made made("f8", {300, 300}, false, false);
  const std::vector<double> zero{0};
  RValues v;
  v.count = 1;
  v.data = zero.data();
  Written all(made), rows(made), columns(made);
  scatter(made.a, whole({300, 300}), v, all.write());
  CHECK(all.runs == 2);  // 90,000 items, 65,536 at once
  std::vector<Axis> axes = whole({300, 300});
  axes[0].start = 7;
  axes[0].count = 2;
  scatter(made.a, axes, v, rows.write());
  CHECK(rows.runs == 1);
  axes = whole({300, 300});
  axes[1].count = 1;
  scatter(made.a, axes, v, columns.write());
  CHECK(columns.runs == 300);
}

TEST_CASE("scatter by linear index, the last of equal ones counts") {
  Made made("i2", {4, 5}, false, true);
  const std::uint64_t index[] = {3, 0, 3, 19};
  const std::vector<double> numbers{1, 2, 3, na_real()};
  RValues v;
  v.count = 4;
  v.data = numbers.data();
  Written file(made);
  scatter_linear(made.a, index, 4, v, file.write());
  CHECK(file.inside);
  std::int32_t got[20];
  gather(made.a, whole({4, 5}), 0, 20, RType::integer, got, nullptr);
  CHECK(got[3] == 3);
  CHECK(got[0] == 2);
  CHECK(got[19] == kNaInteger);
  CHECK(made.masks[19] == 1);
}

// Any way of cutting a source into reads gives the same bytes.
void check_cuts(const Source& source) {
  const std::string all = read_all(source);
  std::string cut(all.size(), '\0');
  for (std::uint64_t at = 0; at < all.size();) {
    const std::uint64_t n = std::min<std::uint64_t>(1 + below(37), all.size() - at);
    source.read(at, reinterpret_cast<std::uint8_t*>(&cut[at]), n);
    at += n;
  }
  CHECK(cut == all);
}

TEST_CASE("sources: R's values in either order, read back") {
  for (const Shape& shape : kShapes) {
    for (const char* name : {"f8", ">f8", "f4", "i2", "c16"}) {
      for (bool fortran : {false, true}) {
        const Dtype d = dtype_of(name);
        std::uint64_t n = 1;
        for (std::uint64_t extent : shape) n *= extent;
        std::vector<double> numbers;
        for (std::uint64_t i = 0; i < n; ++i)
          numbers.push_back(static_cast<double>(i % 999));
        RValues v;
        v.count = n;
        v.data = numbers.data();
        const auto source = array_source(d, shape, fortran, v);
        REQUIRE(source->size() == n * d.itemsize);
        check_cuts(*source);
        const std::string bytes = read_all(*source);
        const Array a = array_of(d, shape, fortran,
                                 reinterpret_cast<const std::uint8_t*>(bytes.data()));
        // Through a strided copy and back again.
        const auto turned = copy_source(a, !fortran);
        check_cuts(*turned);
        const std::string other = read_all(*turned);
        const Array b = array_of(d, shape, !fortran,
                                 reinterpret_cast<const std::uint8_t*>(other.data()));
        CHECK(read_all(*copy_source(b, fortran)) == bytes);
        if (d.kind == Kind::complex || d.kind == Kind::integer) continue;
        std::vector<double> back(n);
        gather(b, whole(shape), 0, n, RType::real, back.data(), nullptr);
        CHECK(back == numbers);
      }
    }
  }
}

TEST_CASE("sources: memory where nothing is to be done, masks, strings") {
  const std::vector<double> numbers{1, na_real(), 3, 4, 5, na_real()};
  RValues v;
  v.count = 6;
  v.data = numbers.data();
  CHECK(array_source(dtype_of("f8"), {6}, false, v)->in_memory().data ==
        reinterpret_cast<const std::uint8_t*>(numbers.data()));
  CHECK(array_source(dtype_of("f8"), {2, 3}, true, v)->in_memory().size == 48);
  CHECK(array_source(dtype_of("f8"), {1, 6, 1}, false, v)->in_memory().size == 48);
  CHECK(array_source(dtype_of("f8"), {2, 3}, false, v)->in_memory().data == nullptr);
  using namespace std::string_literals;
  CHECK(read_all(*array_source(dtype_of("i4"), {2, 3}, true, v, true)) ==
        "\0\1\0\0\0\1"s);
  // C order: (0,0) (0,1) (0,2) (1,0) ...
  CHECK(read_all(*array_source(dtype_of("i4"), {2, 3}, false, v, true)) ==
        "\0\0\0\1\0\1"s);
  const std::vector<Bytes> strings{Bytes("a"), Bytes(),    Bytes("c"),
                                   Bytes("d"), Bytes("e"), Bytes("f")};
  RValues s;
  s.type = RType::string;
  s.count = 6;
  s.strings = &strings;
  CHECK(read_all(*array_source(dtype_of("S1"), {2, 3}, false, s)) == "ace\0df"s);
  CHECK(read_all(*array_source(dtype_of("S1"), {2, 3}, true, s)) == "a\0cdef"s);
  CHECK(read_all(*array_source(dtype_of("S1"), {2, 3}, false, s, true)) ==
        "\0\0\0\1\0\0"s);
}

}  // namespace
}  // namespace mmappickle::numpy
