// Arrow's arrays of NumPy's: what stays where it is, and who lets go of it.
#include <doctest/doctest.h>

#include <cstring>

#include "arrow/export.h"
#include "base/error.h"
#include "numpy/datetime.h"
#include "numpy_testing.h"

namespace mmappickle::arrow {
namespace {

using numpy::array_of;
using numpy::dtype_of;
using numpy::host_dtype_of;

struct Exported {
  ArrowArray array{};
  std::shared_ptr<int> owner = std::make_shared<int>(0);
  explicit Exported(const numpy::Array& from) { export_array(from, owner, {}, &array); }
  ~Exported() {
    if (array.release != nullptr) array.release(&array);
  }
};

TEST_CASE("values of the host's own stay, and their owner with them") {
  alignas(8) const float data[] = {1, 2, 3, 4, 5, 6};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  Exported flat(array_of(host_dtype_of("f4"), {6}, false, bytes));
  CHECK(flat.array.length == 6);
  CHECK(flat.array.null_count == 0);
  CHECK(flat.array.n_buffers == 2);
  CHECK(flat.array.buffers[0] == nullptr);
  CHECK(flat.array.buffers[1] == data);
  CHECK(flat.owner.use_count() == 2);
  flat.array.release(&flat.array);
  CHECK((flat.array.release == nullptr));
  CHECK(flat.owner.use_count() == 1);

  Exported rows(array_of(host_dtype_of("f4"), {2, 3}, false, bytes));
  CHECK(rows.array.length == 2);
  CHECK(rows.array.n_buffers == 1);
  REQUIRE(rows.array.n_children == 1);
  CHECK(rows.array.children[0]->length == 6);
  CHECK(rows.array.children[0]->buffers[1] == data);
  // A child may be taken away, and lives on.
  ArrowArray child = *rows.array.children[0];
  rows.array.children[0]->release = nullptr;
  rows.array.release(&rows.array);
  CHECK(rows.owner.use_count() == 2);
  child.release(&child);
  CHECK(rows.owner.use_count() == 1);
}

TEST_CASE("what lies otherwise is copied") {
  alignas(8) const std::uint8_t data[] = {0, 1, 0, 2, 0, 3, 0, 4};
  Exported swapped(array_of(dtype_of(">i2"), {4}, false, data));
  const auto* values = static_cast<const std::int16_t*>(swapped.array.buffers[1]);
  CHECK(values[0] == 1);
  CHECK(values[3] == 4);
  Exported turned(array_of(dtype_of("u1"), {2, 4}, true, data));
  const auto* items =
      static_cast<const std::uint8_t*>(turned.array.children[0]->buffers[1]);
  CHECK(std::string(items, items + 8) == std::string("\0\0\0\0\1\2\3\4", 8));
  Exported odd(array_of(dtype_of("<i2"), {3}, false, data + 1));
  CHECK(odd.array.buffers[1] != data + 1);
  CHECK(static_cast<const std::int16_t*>(odd.array.buffers[1])[2] == 3);
  Exported bits(array_of(dtype_of("bool"), {8}, false, data));
  CHECK(*static_cast<const std::uint8_t*>(bits.array.buffers[1]) == 0xaa);
}

TEST_CASE("masked elements and NaT are null") {
  alignas(8) const std::int64_t data[] = {1, numpy::kNaT, 3};
  const std::uint8_t mask[] = {1, 0, 0};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  numpy::Array times = array_of(host_dtype_of("M8[us]"), {3}, false, bytes);
  Exported some(times);
  CHECK(some.array.null_count == 1);
  CHECK(*static_cast<const std::uint8_t*>(some.array.buffers[0]) == 5);
  times.masked = true;
  times.mask = mask;
  times.mask_strides = {1};
  Exported masked(times);
  CHECK(masked.array.null_count == 2);
  CHECK(*static_cast<const std::uint8_t*>(masked.array.buffers[0]) == 4);
  CHECK(masked.array.buffers[1] == data);
}

TEST_CASE("which dtypes have a type of their own") {
  for (const char* own :
       {"i1", "u8", "f2", "f8", ">f4", "M8[s]", "m8[ns]", "V5", "bool"}) {
    CHECK_MESSAGE(elements_of(dtype_of(own)) != Elements::none, own);
  }
  for (const char* none :
       {"c8", "longdouble", "S3", "U3", "M8[D]", "M8[25s]", "M8", "O"}) {
    CHECK_MESSAGE(elements_of(dtype_of(none)) == Elements::none, none);
  }
  const std::uint64_t many = std::uint64_t{1} << 31;
  ArrowArray out{};
  CHECK_THROWS_AS(
      export_array(array_of(dtype_of("u1"), {0, many}, false, nullptr), {}, {}, &out),
      Error);
  CHECK((out.release == nullptr));
}

}  // namespace
}  // namespace mmappickle::arrow
