// Slices that are written, against the plain definition: element by element.
#include <doctest/doctest.h>

#include <algorithm>

#include "numpy_slice_testing.h"

namespace mmappickle::numpy {
namespace {

// A file: writes go to it, nowhere else.
struct Written {
  explicit Written(Made& made) : made(made) {}
  Made& made;
  std::size_t runs = 0;
  bool data_after_mask = false, seen_mask = false, inside = true;
  WriteRuns write() {
    return [this](const Runs& some) {
      const std::uint8_t* bytes = some.bytes;
      for (std::size_t i = 0; i < some.count; ++i) {
        const Run& run = some.begin[i];
        for (std::uint64_t k = 0; k < run.count; ++k, bytes += run.size) {
          take({run.place(k), run.size}, bytes);
        }
      }
      inside = inside && bytes - some.bytes <= 1 << 20;
    };
  }
  void take(const Run& run, const std::uint8_t* bytes) {
    ++runs;
    for (auto* part : {&made.bytes, &made.masks}) {
      const std::uint64_t begin = part == &made.bytes ? made.kData : made.kMask;
      if (run.at < begin || run.at >= begin + part->size()) continue;
      const auto from = static_cast<std::size_t>(run.at - begin);
      inside = inside && from + run.size <= part->size();
      if (part == &made.masks) seen_mask = true;
      if (part == &made.bytes && seen_mask) data_after_mask = true;
      std::copy(bytes, bytes + run.size,
                part->begin() + static_cast<std::ptrdiff_t>(from));
      return;
    }
    inside = false;
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
  scatter(made.a, made.place(), axes, v, file.write());
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

TEST_CASE("more elements than are encoded at once, along the file and across") {
  for (const bool fortran : {false, true}) {
    for (const char* name : {"f8", ">i2"}) {
      Made made(name, {301, 307}, fortran, fortran);
      check_scatter(made, whole(made.a.shape));
      Axes r = random_axes(made.a.shape);
      std::vector<std::uint64_t> rows(250);
      for (std::uint64_t& row : rows) row = below(301);
      r.axes = whole(made.a.shape);
      r.axes[0] = {0, 1, rows.size(), rows.data()};
      r.axes[1] = {306, -1, 307, nullptr};
      check_scatter(made, r.axes);
    }
  }
}

TEST_CASE("texts go where numbers go") {
  for (const bool fortran : {false, true}) {
    for (const std::size_t count : {12, 4}) {
      Made made("S3", {3, 4}, fortran, false);
      std::vector<std::string> texts;
      std::vector<Bytes> strings;
      for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(100 + i));
      for (const std::string& text : texts) strings.emplace_back(std::string_view(text));
      RValues v;
      v.type = RType::string;
      v.count = count;
      v.strings = &strings;
      Written file(made);
      scatter(made.a, made.place(), whole({3, 4}), v, file.write());
      CHECK(file.inside);
      for (std::uint64_t i = 0; i < 12; ++i) {
        CHECK(decode_string(made.a.dtype, address(made.a, i), nullptr) ==
              texts[i % count]);
      }
    }
  }
}

TEST_CASE("runs are as long as they come") {
  Made made("f8", {400, 400}, false, false);
  const std::vector<double> zero{0};
  RValues v;
  v.count = 1;
  v.data = zero.data();
  Written all(made), rows(made), columns(made);
  scatter(made.a, made.place(), whole({400, 400}), v, all.write());
  CHECK(all.runs == 2);  // 1,280,000 bytes, 2^20 at once
  std::vector<Axis> axes = whole({400, 400});
  axes[0].start = 7;
  axes[0].count = 2;
  scatter(made.a, made.place(), axes, v, rows.write());
  CHECK(rows.runs == 1);
  axes = whole({400, 400});
  axes[1].count = 1;
  scatter(made.a, made.place(), axes, v, columns.write());
  CHECK(columns.runs == 400);
}

TEST_CASE("scatter by linear index, the last of equal ones counts") {
  Made made("i2", {4, 5}, false, true);
  const std::uint64_t index[] = {3, 0, 3, 19};
  const std::vector<double> numbers{1, 2, 3, na_real()};
  RValues v;
  v.count = 4;
  v.data = numbers.data();
  Written file(made);
  scatter_linear(made.a, made.place(), index, 4, v, file.write());
  CHECK(file.inside);
  std::int32_t got[20];
  gather(made.a, whole({4, 5}), 0, 20, RType::integer, got, nullptr);
  CHECK(got[3] == 3);
  CHECK(got[0] == 2);
  CHECK(got[19] == kNaInteger);
  CHECK(made.masks[19] == 1);
}

}  // namespace
}  // namespace mmappickle::numpy
