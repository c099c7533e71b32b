#include "integers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../base/error.h"

namespace mmappickle::pickle {

namespace {

// In two's complement, the lowest word first.
void negate(std::vector<std::uint32_t>& words) {
  std::uint64_t carry = 1;
  for (std::uint32_t& word : words) {
    carry += static_cast<std::uint32_t>(~word);
    word = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
}

constexpr std::uint32_t kChunk = 1000000000;  // what nine digits count
constexpr int kChunkDigits = 9;

constexpr int kAtOnce = 4;

// Divides by kChunk as often, each time by way of the rests: of which the first has the
// last digits. The divisions of one word wait for those of the word before it only each
// for its own.
void take_chunks(std::vector<std::uint32_t>& words, std::uint32_t (&rests)[kAtOnce]) {
  std::uint64_t rest[kAtOnce] = {};
  for (std::size_t w = words.size(); w-- > 0;) {
    std::uint64_t word = words[w];
    for (std::uint64_t& r : rest) {
      const std::uint64_t value = r << 32 | word;
      word = value / kChunk;
      r = value - word * kChunk;
    }
    words[w] = static_cast<std::uint32_t>(word);
  }
  while (!words.empty() && words.back() == 0) words.pop_back();
  for (int k = 0; k < kAtOnce; ++k) rests[k] = static_cast<std::uint32_t>(rest[k]);
}

}  // namespace

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

namespace {

// The magnitude's words, without zeros at the end.
std::vector<std::uint32_t> magnitude(Bytes bytes, bool& negative) {
  bytes = minimal_twos_complement(bytes);
  negative = bytes.size != 0 && (bytes[bytes.size - 1] & 0x80) != 0;
  std::vector<std::uint32_t> words;
  for (std::uint64_t i = 0; i < bytes.size; i += 4) {
    const auto n = static_cast<int>(std::min<std::uint64_t>(4, bytes.size - i));
    const std::uint64_t sign = negative && n < 4 ? UINT64_MAX << (8 * n) : 0;
    words.push_back(static_cast<std::uint32_t>(load_le(bytes.data + i, n) | sign));
  }
  if (negative) negate(words);
  while (!words.empty() && words.back() == 0) words.pop_back();
  return words;
}

}  // namespace

double twos_complement_to_double(Bytes bytes) {
  bool negative = false;
  const std::vector<std::uint32_t> words = magnitude(bytes, negative);
  const std::size_t n = words.size();
  std::uint64_t top = n > 0 ? words[n - 1] : 0;
  if (n > 1) top = top << 32 | words[n - 2];
  int exponent = 0;
  if (n > 2) {
    // The 64 highest bits, of which the last is set if any below it is: rounding looks at
    // 54 of them, and at whether there is more.
    const std::uint64_t next = std::uint64_t{words[n - 3]} << 32;
    int shift = 0;
    while (top >> 63 == 0) {
      top = top << 1 | (next >> (63 - shift) & 1);
      ++shift;
    }
    const bool below =
        next << shift != 0 || std::any_of(words.begin(), words.end() - 3,
                                          [](std::uint32_t word) { return word != 0; });
    if (below) top |= 1;
    exponent = 32 * static_cast<int>(std::min<std::size_t>(n - 2, 1 << 20)) - shift;
  }
  const double number = std::ldexp(static_cast<double>(top), exponent);
  return negative ? -number : number;
}

std::string decimal_to_twos_complement(Bytes decimal) {
  const bool negative = decimal.size != 0 && decimal[0] == '-';
  if (negative) decimal = decimal.from(1);
  if (decimal.size > kMaxDecimalDigits) {
    throw Error(ErrorKind::unsupported, "An integer of " + std::to_string(decimal.size) +
                                            " decimal digits cannot be stored.");
  }
  std::vector<std::uint32_t> words;  // of 32 bits, the lowest first
  // The first chunk takes what is left over, so that all others are whole.
  std::uint64_t i = 0, end = decimal.size % kChunkDigits;
  for (; i < decimal.size; end += kChunkDigits) {
    std::uint64_t carry = 0;
    for (; i < end; ++i) carry = carry * 10 + (decimal[i] - std::uint64_t{'0'});
    for (std::uint32_t& word : words) {
      carry += std::uint64_t{word} * kChunk;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
  }
  words.push_back(0);  // room for the sign
  if (negative) negate(words);
  std::string bytes(words.size() * 4, '\0');
  for (std::size_t w = 0; w < words.size(); ++w) {
    store_le(reinterpret_cast<std::uint8_t*>(&bytes[w * 4]), words[w], 4);
  }
  bytes.resize(static_cast<std::size_t>(
      minimal_twos_complement(Bytes(std::string_view(bytes))).size));
  return bytes;
}

std::string twos_complement_to_decimal(Bytes bytes) {
  bytes = minimal_twos_complement(bytes);
  if (bytes.size > kMaxDecimalDigits / 12 * 5) {  // log(10) / log(256) is 0.415
    throw Error(ErrorKind::unsupported, "An integer of " + std::to_string(bytes.size) +
                                            " bytes is too large to be shown.");
  }
  bool negative = false;
  std::vector<std::uint32_t> words = magnitude(bytes, negative);
  std::string digits;  // the last one first
  do {
    std::uint32_t chunks[kAtOnce];
    take_chunks(words, chunks);
    for (std::uint32_t chunk : chunks) {
      for (int i = 0; i < kChunkDigits; ++i, chunk /= 10) {
        digits += static_cast<char>('0' + chunk % 10);
      }
    }
  } while (!words.empty());
  digits.erase(std::max<std::size_t>(1, digits.find_last_not_of('0') + 1));
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace mmappickle::pickle
