#include "seeded_hash.h"

#include <random>

namespace mmappickle {

namespace {

std::uint64_t rotate(std::uint64_t x, int bits) {
  return (x << bits) | (x >> (64 - bits));
}

// SipHash-1-3 (Aumasson and Bernstein 2012).
std::uint64_t sip_hash(const SeededHash::Seed& seed, Bytes bytes) {
  std::uint64_t a = seed[0] ^ 0x736f6d6570736575, b = seed[1] ^ 0x646f72616e646f6d;
  std::uint64_t c = seed[0] ^ 0x6c7967656e657261, d = seed[1] ^ 0x7465646279746573;
  const auto round = [&] {
    a += b, b = rotate(b, 13) ^ a, a = rotate(a, 32);
    c += d, d = rotate(d, 16) ^ c;
    a += d, d = rotate(d, 21) ^ a;
    c += b, b = rotate(b, 17) ^ c, c = rotate(c, 32);
  };
  std::uint64_t i = 0;
  for (; i + 8 <= bytes.size; i += 8) {
    const std::uint64_t word = load_u64(bytes.data + i);
    d ^= word;
    round();
    a ^= word;
  }
  std::uint64_t last = bytes.size << 56;
  if (i < bytes.size && bytes.size >= 8) {  // the last eight, without those before i
    last |= load_u64(bytes.data + bytes.size - 8) >> (64 - 8 * (bytes.size - i));
  } else {
    for (int shift = 0; i < bytes.size; ++i, shift += 8) {
      last |= static_cast<std::uint64_t>(bytes[i]) << shift;
    }
  }
  d ^= last;
  round();
  a ^= last;
  c ^= 0xff;
  round(), round(), round();
  return a ^ b ^ c ^ d;
}

}  // namespace

SeededHash::SeededHash() {
  // To ask the system for randomness takes longer than all else that is done with a small
  // table: once in a process.
  static const Seed seed = [] {
    std::random_device random;
    const auto word = [&] {
      return (static_cast<std::uint64_t>(random()) << 32) | random();
    };
    return Seed{word(), word()};
  }();
  seed_ = seed;
}

std::uint32_t SeededHash::operator()(Bytes bytes) const {
  return static_cast<std::uint32_t>(sip_hash(seed_, bytes));
}

}  // namespace mmappickle
