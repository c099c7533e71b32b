#include "inflate.h"

#include <algorithm>
#include <array>

#include "../base/error.h"

namespace mmappickle::files {
namespace {

constexpr int kMaxLength = 15;  // bits of a code
constexpr int kFast = 10;       // codes up to this length are looked up at once
constexpr int kMostSymbols = 288;
constexpr std::uint64_t kBetweenPolls = 8 << 20;

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorKind::format, std::string("the compressed data are damaged: ") + what);
}

// Bits, least significant first.
class Bits {
 public:
  explicit Bits(Bytes input) : input_(input) {}
  // The next 16 bits or more, zeros behind the end.
  std::uint32_t peek() {
    while (count_ < 32 && at_ < input_.size) {
      held_ |= std::uint64_t{input_[at_++]} << count_;
      count_ += 8;
    }
    return static_cast<std::uint32_t>(held_);
  }
  void drop(int n) {
    if (n > count_) fail("they end too early");
    held_ >>= n;
    count_ -= n;
  }
  std::uint32_t take(int n) {
    const std::uint32_t value = peek() & ((std::uint32_t{1} << n) - 1);
    drop(n);
    return value;
  }
  // What follows from the next whole byte on; it is skipped by skip().
  Bytes rest() {
    drop(count_ % 8);
    at_ -= static_cast<std::uint64_t>(count_ / 8);
    held_ = 0;
    count_ = 0;
    return input_.from(at_);
  }
  void skip(std::uint64_t n) { at_ += n; }

 private:
  Bytes input_;
  std::uint64_t at_ = 0, held_ = 0;
  int count_ = 0;
};

// A canonical Huffman code, from the lengths of its codes.
class Code {
 public:
  // False if no code has such lengths. (One of a single symbol is incomplete, as zlib
  // allows; so is one of none.)
  bool make(const std::uint8_t* lengths, int n) {
    count_.fill(0);
    fast_.fill(0);
    for (int i = 0; i < n; ++i) ++count_[lengths[i]];
    const int used = n - count_[0];
    count_[0] = 0;
    int left = 1;
    for (int length = 1; length <= kMaxLength; ++length) {
      left = 2 * left - count_[static_cast<std::size_t>(length)];
      if (left < 0) return false;
    }
    if (left > 0 && (used > 1 || (used == 1 && count_[1] != 1))) return false;
    std::array<std::uint16_t, kMaxLength + 2> next{}, first{};
    int code = 0;
    for (std::size_t length = 1; length <= kMaxLength; ++length) {
      next[length + 1] = static_cast<std::uint16_t>(next[length] + count_[length]);
      code = (code + count_[length - 1]) << 1;
      first[length] = static_cast<std::uint16_t>(code);
    }
    for (int symbol = 0; symbol < n; ++symbol) {
      const std::size_t length = lengths[symbol];
      if (length == 0) continue;
      symbols_[next[length]++] = static_cast<std::uint16_t>(symbol);
      if (length <= kFast) add_fast(first[length]++, static_cast<int>(length), symbol);
    }
    return true;
  }

  int decode(Bits& bits) const {
    std::uint32_t ahead = bits.peek();
    const std::uint16_t known = fast_[ahead & ((1u << kFast) - 1)];
    if (known != 0) {
      bits.drop(known & 15);
      return known >> 4;
    }
    // Codes of one length follow each other, in the order of their symbols.
    int code = 0, first = 0, index = 0;
    for (int length = 1; length <= kMaxLength; ++length, ahead >>= 1) {
      const int count = count_[static_cast<std::size_t>(length)];
      code |= static_cast<int>(ahead & 1);
      if (code - count < first) {
        bits.drop(length);
        return symbols_[static_cast<std::size_t>(index + code - first)];
      }
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    fail("a code that is none");
  }

 private:
  // At each place whose lowest bits are the code, which is sent from its highest bit on.
  void add_fast(int code, int length, int symbol) {
    unsigned reversed = 0;
    for (int i = 0; i < length; ++i) reversed |= (code >> i & 1u) << (length - 1 - i);
    const auto entry = static_cast<std::uint16_t>(symbol << 4 | length);
    for (unsigned at = reversed; at < fast_.size(); at += 1u << length) {
      fast_[at] = entry;
    }
  }

  std::array<std::uint16_t, kMaxLength + 1> count_{};
  std::array<std::uint16_t, kMostSymbols> symbols_{};
  std::array<std::uint16_t, 1 << kFast> fast_{};  // symbol and length; 0: none
};

// Of lengths 257 .. 285 and of distances 0 .. 29: the least, and how many bits are added.
constexpr std::uint16_t kLengthBase[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::uint8_t kLengthBits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                        2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::uint16_t kDistanceBase[] = {
    1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
    33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
    1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::uint8_t kDistanceBits[] = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                          4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                          9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

class Inflater {
 public:
  Inflater(Bytes packed, std::uint64_t most, const std::function<void()>& poll)
      : bits_(packed), most_(most), poll_(poll) {}

  // Up to the end of the last block; gives what follows it.
  Bytes run() {
    bool last = false;
    while (!last) {
      last = bits_.take(1) != 0;
      switch (bits_.take(2)) {
        case 0:
          stored();
          break;
        case 1:
          fixed();
          compressed();
          break;
        case 2:
          dynamic();
          compressed();
          break;
        default:
          fail("a block of no known type");
      }
    }
    return bits_.rest();
  }
  std::vector<std::uint8_t> out;

 private:
  void require_room(std::uint64_t n) {
    if (n > most_ - out.size()) fail("they are more than was said");
  }

  void stored() {
    const Bytes rest = bits_.rest();
    if (!rest.holds(0, 4)) fail("they end too early");
    const std::uint64_t n = load_u16(rest.data);
    if ((n ^ 0xffff) != load_u16(rest.data + 2)) fail("a length without its complement");
    if (!rest.holds(4, n)) fail("they end too early");
    require_room(n);
    out.insert(out.end(), rest.data + 4, rest.data + 4 + n);
    bits_.skip(4 + n);
  }

  void fixed() {
    std::uint8_t lengths[kMostSymbols];
    for (int i = 0; i < kMostSymbols; ++i) {
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    literals_.make(lengths, kMostSymbols);
    std::fill(lengths, lengths + 30, std::uint8_t{5});
    std::fill(lengths + 30, lengths + 32, std::uint8_t{5});
    distances_.make(lengths, 32);
  }

  void dynamic() {
    constexpr std::uint8_t kOrder[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
    const int literals = static_cast<int>(bits_.take(5)) + 257;
    const int distances = static_cast<int>(bits_.take(5)) + 1;
    const int codes = static_cast<int>(bits_.take(4)) + 4;
    if (literals > 286 || distances > 30) fail("more symbols than there are");
    std::uint8_t lengths[286 + 30] = {};
    for (int i = 0; i < codes; ++i) {
      lengths[kOrder[i]] = static_cast<std::uint8_t>(bits_.take(3));
    }
    if (!literals_.make(lengths, 19)) fail("lengths that no code has");
    const int all = literals + distances;
    std::uint8_t previous = 0;
    std::fill(lengths, lengths + 19, std::uint8_t{0});
    for (int i = 0; i < all;) {
      const int symbol = literals_.decode(bits_);
      if (symbol < 16) {
        lengths[i++] = previous = static_cast<std::uint8_t>(symbol);
        continue;
      }
      if (symbol == 16 && i == 0) fail("nothing to repeat");
      if (symbol != 16) previous = 0;
      const std::uint32_t times = symbol == 16   ? 3 + bits_.take(2)
                                  : symbol == 17 ? 3 + bits_.take(3)
                                                 : 11 + bits_.take(7);
      if (times > static_cast<std::uint32_t>(all - i)) fail("more lengths than symbols");
      for (std::uint32_t k = 0; k < times; ++k) lengths[i++] = previous;
    }
    if (lengths[256] == 0) fail("a block without an end");
    if (!literals_.make(lengths, literals) ||
        !distances_.make(lengths + literals, distances)) {
      fail("lengths that no code has");
    }
  }

  void compressed() {
    for (;;) {
      const int symbol = literals_.decode(bits_);
      if (symbol == 256) return;
      if (symbol < 256) {
        require_room(1);
        out.push_back(static_cast<std::uint8_t>(symbol));
        continue;
      }
      if (symbol > 285) fail("a length that is none");
      const std::uint64_t length = std::uint64_t{kLengthBase[symbol - 257]} +
                                   bits_.take(kLengthBits[symbol - 257]);
      const int code = distances_.decode(bits_);
      if (code > 29) fail("a distance that is none");
      const std::uint64_t distance =
          std::uint64_t{kDistanceBase[code]} + bits_.take(kDistanceBits[code]);
      if (distance > out.size()) fail("a distance beyond the beginning");
      require_room(length);
      repeat(length, distance);
      if (poll_ && out.size() - polled_ >= kBetweenPolls) {
        polled_ = out.size();
        poll_();
      }
    }
  }

  // What is copied may be made by the copy itself.
  void repeat(std::uint64_t length, std::uint64_t distance) {
    const std::size_t to = out.size();
    out.resize(to + length);
    for (std::size_t i = to; i < to + length; ++i) out[i] = out[i - distance];
  }

  Bits bits_;
  std::uint64_t most_, polled_ = 0;
  const std::function<void()>& poll_;
  Code literals_, distances_;
};

std::uint32_t adler32(Bytes bytes) {
  constexpr std::uint32_t kModulus = 65521;
  constexpr std::uint64_t kRun = 5552;  // sums of so many bytes fit 32 bits
  std::uint32_t a = 1, b = 0;
  for (std::uint64_t at = 0; at < bytes.size;) {
    const std::uint64_t end = std::min(bytes.size, at + kRun);
    for (; at < end; ++at) {
      a += bytes[at];
      b += a;
    }
    a %= kModulus;
    b %= kModulus;
  }
  return b << 16 | a;
}

}  // namespace

std::vector<std::uint8_t> inflate(Bytes packed, std::uint64_t size,
                                  const std::function<void()>& poll) {
  Inflater inflater(packed, size, poll);
  if (inflater.run().size != 0) fail("they end before their end");
  if (inflater.out.size() != size) fail("they are less than was said");
  return std::move(inflater.out);
}

std::vector<std::uint8_t> inflate_zlib(Bytes packed, const std::function<void()>& poll) {
  const bool headed = packed.size >= 2 && (packed[0] & 15) == 8 &&
                      (packed[0] * 256 + packed[1]) % 31 == 0 && !(packed[1] & 0x20);
  if (!headed) fail("they have no header");
  const std::uint64_t most =
      packed.size > UINT64_MAX / kBestRatio ? UINT64_MAX : packed.size * kBestRatio;
  Inflater inflater(packed.from(2), most, poll);
  const Bytes tail = inflater.run();
  if (tail.size < 4) fail("they end too early");
  const std::uint32_t sum = static_cast<std::uint32_t>(tail[0]) << 24 |
                            static_cast<std::uint32_t>(tail[1]) << 16 |
                            static_cast<std::uint32_t>(tail[2]) << 8 | tail[3];
  const std::vector<std::uint8_t>& out = inflater.out;
  if (adler32(Bytes(out.data(), out.size())) != sum) fail("their checksum is another");
  return std::move(inflater.out);
}

std::uint32_t crc32(Bytes bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t v = i;
      for (int bit = 0; bit < 8; ++bit) v = v & 1 ? v >> 1 ^ 0xedb88320 : v >> 1;
      made[i] = v;
    }
    return made;
  }();
  std::uint32_t crc = 0xffffffff;
  for (std::uint64_t i = 0; i < bytes.size; ++i) {
    crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
  }
  return ~crc;
}

}  // namespace mmappickle::files
