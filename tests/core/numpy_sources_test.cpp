// The bytes of new arrays.
#include <doctest/doctest.h>

#include <algorithm>

#include "numpy_slice_testing.h"

namespace mmappickle::numpy {
namespace {

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
  CHECK(array_source(host_dtype_of("f8"), {6}, false, v)->in_memory().data ==
        reinterpret_cast<const std::uint8_t*>(numbers.data()));
  CHECK(array_source(host_dtype_of("f8"), {2, 3}, true, v)->in_memory().size == 48);
  CHECK(array_source(host_dtype_of("f8"), {1, 6, 1}, false, v)->in_memory().size == 48);
  CHECK(array_source(host_dtype_of("f8"), {2, 3}, false, v)->in_memory().data == nullptr);
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

TEST_CASE("sources: the items of a structured array, gaps are zeros") {
  std::string ids, names;
  const std::uint64_t n = 70000;  // more than are brought together at once
  for (std::uint64_t i = 0; i < n; ++i) {
    ids += static_cast<char>(i);
    ids += static_cast<char>(i >> 8);
    names += static_cast<char>('a' + i % 26);
  }
  const auto source = field_source(n, 5,
                                   {{memory_source(Bytes(ids)), 2, 0},
                                    {memory_source(Bytes(names)), 1, 3},
                                    {memory_source(Bytes()), 0, 4}});
  CHECK(source->size() == n * 5);
  CHECK(source->in_memory().data == nullptr);
  const std::string all = read_all(*source);
  bool right = true;
  for (std::uint64_t i = 0; i < n; ++i) {
    const char item[] = {ids[2 * i], ids[2 * i + 1], 0, names[i], 0};
    right = right && all.compare(i * 5, 5, std::string(item, 5)) == 0;
  }
  CHECK(right);
  std::string part(23, '?');
  source->read(5 * 65530 + 3, reinterpret_cast<std::uint8_t*>(part.data()), part.size());
  CHECK(part == all.substr(5 * 65530 + 3, 23));
}

TEST_CASE("void items as bytes, in the first axis or the last") {
  const std::string bytes = "abcdefghijklmnopqr";
  const Array a = array_of(dtype_of("V3"), {2, 3}, false,
                           reinterpret_cast<const std::uint8_t*>(bytes.data()));
  const Array first = a.item_bytes(false), last = a.item_bytes(true);
  CHECK(first.shape == Shape{3, 2, 3});
  CHECK(last.shape == Shape{2, 3, 3});
  CHECK(last.c_order());
  CHECK(read_all(*copy_source(last, false)) == bytes);
  CHECK(read_all(*copy_source(first, false)) == "adgjmpbehknqcfilor");
}

}  // namespace
}  // namespace mmappickle::numpy
