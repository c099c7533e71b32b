#include "integers.h"

#include <algorithm>
#include <vector>

#include "../base/error.h"

namespace mmappickle::pickle {

Bytes minimal_twos_complement(Bytes bytes) {
  std::uint64_t n = bytes.size;
  while (n > 1) {
    const std::uint8_t sign = (bytes[n - 2] & 0x80) != 0 ? 0xff : 0x00;
    if (bytes[n - 1] != sign) break;
    --n;
  }
  if (n == 1 && bytes[0] == 0) n = 0;
  return bytes.slice(0, n);
}

std::int64_t load_twos_complement(Bytes bytes) {
  if (bytes.size == 0) return 0;
  const int n = static_cast<int>(bytes.size);
  std::uint64_t value = load_le(bytes.data, n);
  if (n < 8 && (bytes[bytes.size - 1] & 0x80) != 0) value |= UINT64_MAX << (8 * n);
  return static_cast<std::int64_t>(value);
}

std::string decimal_to_twos_complement(Bytes decimal) {
  const bool negative = decimal.size != 0 && decimal[0] == '-';
  if (negative) decimal = decimal.from(1);
  if (decimal.size > kMaxDecimalDigits) {
    throw Error(ErrorKind::unsupported, "An integer of " + std::to_string(decimal.size) +
                                            " decimal digits cannot be stored.");
  }
  std::vector<std::uint32_t> words;  // of 32 bits, the lowest first
  constexpr std::uint64_t kChunk = 9;
  // The first chunk takes what is left over, so that all others are whole.
  std::uint64_t i = 0, end = decimal.size % kChunk;
  for (; i < decimal.size; end += kChunk) {
    std::uint64_t carry = 0;
    for (; i < end; ++i) carry = carry * 10 + (decimal[i] - std::uint64_t{'0'});
    for (std::uint32_t& word : words) {
      carry += std::uint64_t{word} * 1000000000u;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
  }
  words.push_back(0);  // room for the sign
  if (negative) {
    std::uint64_t carry = 1;
    for (std::uint32_t& word : words) {
      carry += static_cast<std::uint32_t>(~word);
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  std::string bytes(words.size() * 4, '\0');
  for (std::size_t w = 0; w < words.size(); ++w) {
    store_le(reinterpret_cast<std::uint8_t*>(&bytes[w * 4]), words[w], 4);
  }
  bytes.resize(static_cast<std::size_t>(
      minimal_twos_complement(Bytes(std::string_view(bytes))).size));
  return bytes;
}

}  // namespace mmappickle::pickle
