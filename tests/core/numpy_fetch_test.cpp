// Slices that are read from a file, against the same read from memory.
#include <doctest/doctest.h>

#include "numpy/fetch.h"
#include "numpy_slice_testing.h"

namespace mmappickle::numpy {
namespace {

// A Made as the file that it would stand in; counts what is read of it.
class FileOf : public Source {
 public:
  explicit FileOf(const Made& made) : made_(made) {}
  std::uint64_t size() const override { return UINT64_MAX; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    ++reads;
    bytes += n;
    const bool mask = offset >= Made::kMask;
    const std::vector<std::uint8_t>& part = mask ? made_.masks : made_.bytes;
    const std::uint64_t from = offset - (mask ? Made::kMask : Made::kData);
    if (from > part.size() || n > part.size() - from) FAIL("read beyond the array");
    if (n > 0) std::memcpy(to, part.data() + from, n);
  }
  mutable std::uint64_t reads = 0, bytes = 0;

 private:
  const Made& made_;
};

// The same in memory, as where the file is mapped: the masks stand behind the data.
class MappedFile : public Source {
 public:
  explicit MappedFile(const Made& made) : bytes_(Made::kData) {
    bytes_.insert(bytes_.end(), made.bytes.begin(), made.bytes.end());
    place = {Made::kData, made.a.masked ? bytes_.size() : 0};
    bytes_.insert(bytes_.end(), made.masks.begin(), made.masks.end());
  }
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    if (n > 0) std::memcpy(to, bytes_.data() + offset, n);
  }
  Bytes in_memory() const override { return Bytes(bytes_.data(), bytes_.size()); }
  Place place;

 private:
  std::vector<std::uint8_t> bytes_;
};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

// Without addresses, as where the file is not mapped.
Array without_data(Array a) {
  a.data = a.mask = nullptr;
  return a;
}

void check_fetch(const Made& made, const Stored& stored, const std::vector<Axis>& axes) {
  const std::uint64_t n = total(axes);
  std::vector<double> expected(n), got(n, -1), again(n, -1);
  bool inexact = false;
  gather(made.a, axes, 0, n, RType::real, expected.data(), &inexact);
  fetch(stored, axes, RType::real, got.data(), &inexact, {});
  CHECK(same_bits(got, expected));

  std::vector<bool> seen(n);
  bool once = true;
  fetch_elements(stored, axes,
                 [&](std::uint64_t i, const std::uint8_t* item, bool masked) {
                   once = once && i < n && !seen[i];
                   if (!once) return;
                   seen[i] = true;
                   const Decode decode = decoder(made.a.dtype, RType::real);
                   if (masked) {
                     std::memcpy(&again[i], &kNaRealBits, sizeof kNaRealBits);
                   } else {
                     decode(made.a.dtype, item, 0, 1, &again[i], &inexact);
                   }
                 },
                 {});
  CHECK(once);
  CHECK(same_bits(again, expected));
}

void check_fetch(const Made& made, const std::vector<Axis>& axes) {
  const Array array = without_data(made.a);
  const FileOf file(made);
  check_fetch(made, Stored{array, made.place(), file}, axes);
  const MappedFile mapped(made);
  check_fetch(made, Stored{array, mapped.place, mapped}, axes);
}

TEST_CASE("fetch, against gather") {
  for (const Shape& shape : kShapes) {
    for (const char* name : {"f8", ">f4", "u1", "i4"}) {
      for (int variant = 0; variant < 4; ++variant) {
        const Made made(name, shape, variant & 1, variant & 2);
        CAPTURE(name);
        CAPTURE(shape.size());
        check_fetch(made, whole(shape));
        for (int i = 0; i < 6; ++i) check_fetch(made, random_axes(shape).axes);
      }
    }
  }
}

TEST_CASE("fetch of more than is held at once") {
  for (const bool fortran : {false, true}) {
    const Made made("i4", {900, 700, 2}, fortran, true);
    check_fetch(made, whole(made.a.shape));
    std::vector<Axis> axes = whole(made.a.shape);
    axes[0].start = 899;
    axes[0].step = -1;
    check_fetch(made, axes);
  }
}

TEST_CASE("fetch by linear index and in runs") {
  for (const Shape& shape : kShapes) {
    for (int variant = 0; variant < 4; ++variant) {
      const Made made("i4", shape, variant & 1, variant & 2);
      const std::uint64_t count = made.a.count();
      if (count == 0) continue;
      const FileOf file(made);
      const Array array = without_data(made.a);
      const Stored stored{array, made.place(), file};
      bool inexact = false;
      std::vector<std::uint64_t> index(below(200) + 1);
      for (std::uint64_t& i : index) i = below(count);
      std::vector<std::int32_t> expected(index.size()), got(index.size(), -7);
      std::vector<std::int32_t> all(count);
      gather(made.a, whole(shape), 0, count, RType::integer, all.data(), &inexact);
      for (std::size_t i = 0; i < index.size(); ++i) expected[i] = all[index[i]];
      const MappedFile mapped(made);
      const Stored in_memory{array, mapped.place, mapped};
      for (const Stored* from : {&stored, &in_memory}) {
        got.assign(index.size(), -7);
        fetch_linear(*from, index.data(), index.size(), RType::integer, got.data(),
                     &inexact, {});
        CHECK(got == expected);
      }
      for (int i = 0; i < 10; ++i) {
        const std::uint64_t begin = below(count), n = below(count - begin) + 1;
        expected.assign(n, 0);
        got.assign(n, -7);
        gather(made.a, whole(shape), begin, n, RType::integer, expected.data(), &inexact);
        fetch_run(stored, begin, n, RType::integer, got.data(), &inexact, {});
        CHECK(got == expected);
      }
    }
  }
}

TEST_CASE("what lies together is read at once, and little beside it") {
  const Made made("f8", {1000, 1000}, false, false);
  const FileOf file(made);
  const Array array = without_data(made.a);
  const Stored stored{array, made.place(), file};
  std::vector<double> to(1000 * 1000);
  bool inexact = false;
  fetch(stored, whole(made.a.shape), RType::real, to.data(), &inexact, {});
  CHECK(file.bytes == 8000000);
  CHECK(file.reads < 100);
  std::vector<Axis> axes = whole(made.a.shape);
  axes[0].count = 1;  // a row
  file.reads = file.bytes = 0;
  fetch(stored, axes, RType::real, to.data(), &inexact, {});
  CHECK(file.reads == 1);
  CHECK(file.bytes == 8000);
  axes = whole(made.a.shape);
  axes[1].count = 1;  // a column
  file.reads = file.bytes = 0;
  fetch(stored, axes, RType::real, to.data(), &inexact, {});
  CHECK(file.reads <= 1000);
  CHECK(file.bytes == 8000);
  axes[0].count = axes[1].count = 100;  // a block
  file.reads = file.bytes = 0;
  fetch(stored, axes, RType::real, to.data(), &inexact, {});
  CHECK(file.reads == 100);
  CHECK(file.bytes == 80000);
}

}  // namespace
}  // namespace mmappickle::numpy
