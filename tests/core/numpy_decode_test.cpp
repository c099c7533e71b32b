// Blocks of items, which are decoded together, against items one by one.
#include <doctest/doctest.h>

#include <random>

#include "numpy_testing.h"

namespace mmappickle::numpy {
namespace {

// What decoders give for `count` items at this stride, and for each of them alone.
void check_blocks(const char* name, const std::vector<std::uint64_t>& numbers,
                  std::int64_t skip) {
  Dtype dtype = dtype_of(name);
  CAPTURE(text(dtype));
  CAPTURE(skip);
  const auto size = static_cast<std::int64_t>(dtype.itemsize);
  const std::int64_t stride = skip * size;
  const std::uint64_t n = numbers.size();
  std::vector<std::uint8_t> bytes(n * dtype.itemsize *
                                  static_cast<std::uint64_t>(std::abs(skip)));
  const std::uint8_t* first =
      bytes.data() + (skip < 0 ? -stride * (static_cast<std::int64_t>(n) - 1) : 0);
  for (std::uint64_t i = 0; i < n; ++i) {
    std::uint8_t* at =
        bytes.data() + (first - bytes.data()) + static_cast<std::int64_t>(i) * stride;
    for (int k = 0; k < size; ++k) {
      at[dtype.big_endian ? size - 1 - k : k] =
          static_cast<std::uint8_t>(numbers[i] >> (8 * k));
    }
  }
  const Decode decode = decoder(dtype, RType::real);
  std::vector<std::uint64_t> together(n), alone(n);
  bool inexact = false, any = false;
  decode(dtype, first, stride, n, together.data(), &inexact);
  for (std::uint64_t i = 0; i < n; ++i) {
    decode(dtype, first + static_cast<std::int64_t>(i) * stride, 0, 1, &alone[i], &any);
  }
  CHECK(together == alone);
  CHECK(inexact == any);
}

std::vector<std::uint64_t> cut(const std::vector<std::uint64_t>& all, std::uint64_t from,
                               std::uint64_t n) {
  std::vector<std::uint64_t> part;
  for (std::uint64_t i = 0; i < n; ++i) part.push_back(all[(from + i) % all.size()]);
  return part;
}

TEST_CASE("every half, in blocks and alone") {
  std::vector<std::uint64_t> halves(1 << 16);
  for (std::uint64_t i = 0; i < halves.size(); ++i) halves[i] = i;
  for (const char* name : {"<f2", ">f2"}) {
    for (const std::int64_t skip : {1, 3, -1}) check_blocks(name, halves, skip);
    // Blocks of all kinds: with subnormals, with infinity or NaN, with both zeros.
    for (std::uint64_t from = 0; from < halves.size(); from += 997) {
      check_blocks(name, cut(halves, from, 70), 1);
    }
  }
}

TEST_CASE("wide integers and times, in blocks and alone") {
  std::vector<std::uint64_t> near_powers;
  for (int k = 0; k < 64; ++k) {
    for (int d = -2; d <= 2; ++d) {
      const std::uint64_t v =
          (std::uint64_t{1} << k) + static_cast<std::uint64_t>(std::int64_t{d});
      near_powers.push_back(v);
      near_powers.push_back(0 - v);
    }
  }
  near_powers.push_back(std::uint64_t{1} << 63);  // NaT
  std::mt19937_64 random_bits(7);
  for (const char* name :
       {"<i8",     ">i8",     "<u8",    ">u8",     "<M8[ns]",   ">M8[ns]",
        "<M8[us]", "<M8[ms]", "<M8[s]", "<M8[m]",  "<M8[h]",    "<M8[D]",
        "<M8[W]",  "<M8[M]",  "<M8[Y]", "<M8[as]", "<M8[25ns]", "<m8[ns]",
        ">m8[us]", "<m8[D]",  "<m8[W]", "<m8[Y]",  "<m8[3h]",   "<m8"}) {
    for (const std::int64_t skip : {1, 2, -1}) check_blocks(name, near_powers, skip);
    for (int bits = 1; bits <= 64; ++bits) {  // blocks whose numbers are all that small
      std::vector<std::uint64_t> numbers(75);
      for (std::uint64_t& v : numbers) {
        v = random_bits() >> (64 - bits);
        if (random_bits() & 1) v = 0 - v;
      }
      check_blocks(name, numbers, 1);
    }
  }
}

}  // namespace
}  // namespace mmappickle::numpy
