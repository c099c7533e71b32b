// Decoders of numbers. Contiguous items in blocks of constant length, of which compilers
// make vector code at -O2; one item alone first: R asks for such by the million.
#include <algorithm>
#include <cmath>

#include "datetime.h"
#include "exact_ratio.h"
#include "items.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kBlock = 32;
constexpr double kNano = 1e9;

// to[i] = convert(item i)
template <class Bits, bool kSwap, class Out, class Convert>
void each(const std::uint8_t* from, std::int64_t stride, std::uint64_t n, void* to,
          Convert convert) {
  Out* out = static_cast<Out*>(to);
  if (n == 1) {
    *out = convert(load_item<Bits, kSwap>(from));
    return;
  }
  if (stride == static_cast<std::int64_t>(sizeof(Bits))) {
    for (; n >= kBlock; n -= kBlock) {
      Bits block[kBlock];  // of its own, so that nothing aliases it
      std::memcpy(block, from, sizeof block);
      for (std::uint64_t i = 0; i < kBlock; ++i) {
        out[i] = convert(kSwap ? swap_bytes(block[i]) : block[i]);
      }
      from += sizeof block;
      out += kBlock;
    }
  }
  for (; n > 0; --n, from += stride) *out++ = convert(load_item<Bits, kSwap>(from));
}

// The same where a whole block is converted faster than its items one by one, or not at
// all: then `block` gives false.
template <class Bits, bool kSwap, class Block, class Convert>
void each_or_block(const std::uint8_t* from, std::int64_t stride, std::uint64_t n,
                   void* to, Block block, Convert convert) {
  double* out = static_cast<double*>(to);
  if (n == 1) {
    *out = convert(load_item<Bits, kSwap>(from));
    return;
  }
  for (; n >= kBlock; n -= kBlock, out += kBlock) {
    Bits items[kBlock];
    if (stride == static_cast<std::int64_t>(sizeof(Bits))) {
      std::memcpy(items, from, sizeof items);
      from += sizeof items;
      for (Bits& item : items) item = kSwap ? swap_bytes(item) : item;
    } else {
      for (std::uint64_t i = 0; i < kBlock; ++i, from += stride) {
        items[i] = load_item<Bits, kSwap>(from);
      }
    }
    if (block(items, out)) continue;
    for (std::uint64_t i = 0; i < kBlock; ++i) out[i] = convert(items[i]);
  }
  for (; n > 0; --n, from += stride) *out++ = convert(load_item<Bits, kSwap>(from));
}

template <class Bits, bool kSwap, class Number, class Out>
void integers(const Dtype&, const std::uint8_t* from, std::int64_t stride,
              std::uint64_t n, void* to, bool*) {
  each<Bits, kSwap, Out>(from, stride, n, to,
                         [](Bits v) { return static_cast<Out>(static_cast<Number>(v)); });
}

// True if any of bits(item) of a block is set. Lanes of their own, as compilers make no
// vector code of a sum over a loop at -O2.
template <class Item, class BitsOf>
bool any_bits(const Item* items, BitsOf bits) {
  constexpr std::uint64_t kLanes = 8;
  Item lanes[kLanes] = {0};
  for (std::uint64_t i = 0; i < kBlock; i += kLanes) {
    for (std::uint64_t k = 0; k < kLanes; ++k) {
      lanes[k] = static_cast<Item>(lanes[k] | bits(items[i + k]));
    }
  }
  Item all = 0;
  for (const Item lane : lanes) all = static_cast<Item>(all | lane);
  return all != 0;
}

// Whether a block's int64 or uint64 are from -2^51 to 2^51 - 1: these are added to the
// bits of a double.
template <class Number>
bool are_small(const std::uint64_t* items) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 51;
  constexpr std::uint64_t kBelow = std::is_signed<Number>::value ? kHalf : 0;
  return !any_bits(
      items, [](std::uint64_t item) { return (item + kBelow) & ~(kHalf + kBelow - 1); });
}
double small_to_double(std::uint64_t bits) {
  constexpr double kAnchor = 0x1.8p52;
  return bits_as<double>(bits + bits_as<std::uint64_t>(kAnchor)) - kAnchor;
}

// int64 and uint64 to double: rounded past 2^53.
template <bool kSwap, class Number>
void rounded(const Dtype&, const std::uint8_t* from, std::int64_t stride, std::uint64_t n,
             void* to, bool* inexact) {
  bool any = false;
  const auto block = [](const std::uint64_t* items, double* out) {
    if (!are_small<Number>(items)) return false;
    for (std::uint64_t i = 0; i < kBlock; ++i) out[i] = small_to_double(items[i]);
    return true;
  };
  each_or_block<std::uint64_t, kSwap>(
      from, stride, n, to, block, [&](std::uint64_t bits) {
        const auto v = static_cast<Number>(bits);
        const double d = rounded_to_double(static_cast<double>(v));
        // Past 2^53 a rounded v differs; 2^63 and 2^64 fit no integer again.
        const double top = std::is_signed<Number>::value ? 0x1p63 : 0x1p64;
        any |= d >= top || static_cast<Number>(d) != v;
        return d;
      });
  if (any && inexact) *inexact = true;
}

template <bool kSwap>
void uint64_as_integer64(const Dtype&, const std::uint8_t* from, std::int64_t stride,
                         std::uint64_t n, void* to, bool* inexact) {
  bool any = false;
  each<std::uint64_t, kSwap, std::int64_t>(from, stride, n, to, [&](std::uint64_t v) {
    const bool over = v > INT64_MAX;
    any |= over;
    return over ? kNaInteger64 : static_cast<std::int64_t>(v);
  });
  if (any && inexact) *inexact = true;
}

void booleans(const Dtype&, const std::uint8_t* from, std::int64_t stride,
              std::uint64_t n, void* to, bool*) {
  each<std::uint8_t, false, std::int32_t>(from, stride, n, to, [](std::uint8_t v) {
    return std::int32_t{std::min(v, std::uint8_t{1})};
  });
}

template <bool kSwap>
void halves(const Dtype&, const std::uint8_t* from, std::int64_t stride, std::uint64_t n,
            void* to, bool*) {
  // By way of floats, which vector code converts four at a time; infinity and NaN apart.
  const auto block = [](const std::uint16_t* items, double* out) {
    const bool special = any_bits(items, [](std::uint16_t item) {
      return static_cast<std::uint16_t>(((item & 0x7fff) + 0x400) & 0x8000);
    });
    if (special) return false;
    // With an exponent of its own, or 0. (Floats without one take some processors long.)
    const bool normal = !any_bits(items, [](std::uint16_t item) {
      const int size = item & 0x7fff;
      return static_cast<std::uint16_t>((size - 0x400) & (0 - size) & 0x8000);
    });
    float floats[kBlock];
    if (normal) {
      for (std::uint64_t i = 0; i < kBlock; ++i) {
        const std::uint32_t size = items[i] & 0x7fffu, sign = (items[i] & 0x8000u) << 16;
        floats[i] = bits_as<float>((size << 13) | sign) * 0x1p112F;
      }
    } else {
      for (std::uint64_t i = 0; i < kBlock; ++i) {
        const std::uint32_t size = items[i] & 0x7fffu, sign = (items[i] & 0x8000u) << 16;
        constexpr std::uint32_t kBias = (127 - 15) << 23, kOne = 1 << 23;
        // Without an exponent of its own: 2^-14 more, and taken off again.
        const std::uint32_t small = 0u - ((size - 0x400) >> 31);
        const std::uint32_t bits = (size << 13) + kBias + (small & kOne);
        const float less = bits_as<float>(small & (kBias + kOne));
        floats[i] =
            bits_as<float>(bits_as<std::uint32_t>(bits_as<float>(bits) - less) | sign);
      }
    }
    for (std::uint64_t i = 0; i < kBlock; ++i) out[i] = static_cast<double>(floats[i]);
    return true;
  };
  each_or_block<std::uint16_t, kSwap>(from, stride, n, to, block, half_to_double);
}

template <bool kSwap>
void singles(const Dtype&, const std::uint8_t* from, std::int64_t stride, std::uint64_t n,
             void* to, bool*) {
  each<std::uint32_t, kSwap, double>(from, stride, n, to, [](std::uint32_t bits) {
    return static_cast<double>(bits_as<float>(bits));
  });
}

// Bits as they are: NaN payloads stay, signalling ones too.
template <class Bits, bool kSwap>
void copies(const Dtype&, const std::uint8_t* from, std::int64_t stride, std::uint64_t n,
            void* to, bool*) {
  if (!kSwap && stride == static_cast<std::int64_t>(sizeof(Bits))) {
    if (n > 0) std::memcpy(to, from, n * sizeof(Bits));
    return;
  }
  each<Bits, kSwap, Bits>(from, stride, n, to, [](Bits v) { return v; });
}

void extendeds(const Dtype& dtype, const std::uint8_t* from, std::int64_t stride,
               std::uint64_t n, void* to, bool*) {
  std::uint64_t* out = static_cast<std::uint64_t*>(to);
  for (; n > 0; --n, from += stride) {
    *out++ = extended_to_bits(from, dtype.itemsize, dtype.big_endian);
  }
}

template <bool kSwap>
void times(const Dtype& dtype, const std::uint8_t* from, std::int64_t stride,
           std::uint64_t n, void* to, bool*) {
  const TimeScale scale(dtype);
  const double divisor = kRoundsToDouble || scale.divisor() == 1 ? scale.divisor() : 0;
  const auto one = [&scale, divisor](std::uint64_t bits) {
    constexpr std::int64_t kSmall = std::int64_t{1} << 51;
    const auto ticks = static_cast<std::int64_t>(bits);
    double value = 0;
    if (divisor == kNano) {
      if (ticks != kNaT && exact_nanoseconds(ticks, value)) return value;
    } else if (divisor != 0 && ticks > -kSmall && ticks < kSmall) {
      return static_cast<double>(ticks) / divisor;
    }
    return scale.value(ticks);
  };
  const auto block = [divisor](const std::uint64_t* items, double* out) {
    if (divisor == 0 || !are_small<std::int64_t>(items)) return false;
    for (std::uint64_t i = 0; i < kBlock; ++i) {
      out[i] = small_to_double(items[i]) / divisor;
    }
    return true;
  };
  const auto nanoseconds = [](const std::uint64_t* items, double* out) {
    for (std::uint64_t i = 0; i < kBlock; ++i) {
      const auto ticks = static_cast<std::int64_t>(items[i]);
      if (ticks == kNaT || !exact_nanoseconds(ticks, out[i])) return false;
    }
    return true;
  };
  if (divisor == kNano) {
    each_or_block<std::uint64_t, kSwap>(from, stride, n, to, nanoseconds, one);
  } else {
    each_or_block<std::uint64_t, kSwap>(from, stride, n, to, block, one);
  }
}

Decode floats(std::uint64_t itemsize, bool swap) {
  switch (itemsize) {
    case 2:
      return swap ? halves<true> : halves<false>;
    case 4:
      return swap ? singles<true> : singles<false>;
    case 8:
      return swap ? copies<std::uint64_t, true> : copies<std::uint64_t, false>;
    default:
      return extendeds;
  }
}

// Pairs of floats: the halves of contiguous items lie evenly spaced.
void complexes(const Dtype& dtype, const std::uint8_t* from, std::int64_t stride,
               std::uint64_t n, void* to, bool* inexact) {
  Dtype part = dtype;
  part.kind = Kind::floating;
  part.itemsize = dtype.itemsize / 2;
  const Decode decode = floats(part.itemsize, !is_host_order(part));
  const auto step = static_cast<std::int64_t>(part.itemsize);
  if (stride == 2 * step) {
    decode(part, from, step, 2 * n, to, inexact);
    return;
  }
  double* out = static_cast<double*>(to);
  for (; n > 0; --n, from += stride, out += 2) decode(part, from, step, 2, out, inexact);
}

template <class Out>
Decode whole_numbers(const Dtype& dtype) {
  const bool is_signed = dtype.kind == Kind::integer, swap = !is_host_order(dtype);
  using i8 = std::int8_t;
  using u8 = std::uint8_t;
  using i16 = std::int16_t;
  using u16 = std::uint16_t;
  using i32 = std::int32_t;
  using u32 = std::uint32_t;
  switch (dtype.itemsize) {
    case 1:
      return is_signed ? integers<u8, false, i8, Out> : integers<u8, false, u8, Out>;
    case 2:
      if (swap)
        return is_signed ? integers<u16, true, i16, Out> : integers<u16, true, u16, Out>;
      return is_signed ? integers<u16, false, i16, Out> : integers<u16, false, u16, Out>;
    case 4:
      if (swap)
        return is_signed ? integers<u32, true, i32, Out> : integers<u32, true, u32, Out>;
      return is_signed ? integers<u32, false, i32, Out> : integers<u32, false, u32, Out>;
    default:
      return nullptr;
  }
}

// bool, integers of any width.
Decode from_integers(const Dtype& dtype, RType type) {
  const bool is_signed = dtype.kind == Kind::integer, swap = !is_host_order(dtype);
  const bool wide = dtype.itemsize == 8;
  switch (type) {
    case RType::integer:
      if (wide || (dtype.itemsize == 4 && !is_signed)) return nullptr;
      return whole_numbers<std::int32_t>(dtype);
    case RType::real:
      if (!wide) return whole_numbers<double>(dtype);
      if (is_signed) {
        return swap ? rounded<true, std::int64_t> : rounded<false, std::int64_t>;
      }
      return swap ? rounded<true, std::uint64_t> : rounded<false, std::uint64_t>;
    case RType::integer64:
      if (!wide) return whole_numbers<std::int64_t>(dtype);
      if (is_signed) {
        return swap ? copies<std::uint64_t, true> : copies<std::uint64_t, false>;
      }
      return swap ? uint64_as_integer64<true> : uint64_as_integer64<false>;
    case RType::raw:
      return dtype.itemsize == 1 ? copies<std::uint8_t, false> : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace

Decode decoder(const Dtype& dtype, RType type) {
  switch (dtype.kind) {
    case Kind::boolean:
      return type == RType::logical ? booleans : nullptr;
    case Kind::integer:
    case Kind::unsigned_integer:
      return from_integers(dtype, type);
    case Kind::floating:
      return type == RType::real ? floats(dtype.itemsize, !is_host_order(dtype))
                                 : nullptr;
    case Kind::complex:
      return type == RType::complex ? complexes : nullptr;
    case Kind::datetime:
    case Kind::timedelta:
      if (type != RType::real) return nullptr;
      return is_host_order(dtype) ? times<false> : times<true>;
    default:
      return nullptr;
  }
}

}  // namespace mmappickle::numpy
