// R's values to items.
#include <cmath>

#include "string_items.h"
#include "values.h"

namespace mmappickle::numpy {
namespace {

// A whole number that has been checked to fit 64 bits, of either sign.
std::uint64_t whole_bits(double v) {
  if (std::isnan(v)) return 0;
  if (v >= 0x1p63) return v < 0x1p64 ? static_cast<std::uint64_t>(v) : UINT64_MAX;
  if (v < -0x1p63) return std::uint64_t{1} << 63;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(v));
}

// bool and all integers; NA becomes 0, below a mask.
template <class Bits, bool kSwap, bool kTruth>
struct PutInteger {
  std::uint8_t* to;
  bool put(std::uint64_t i, std::uint64_t bits) {
    if (kTruth) bits = bits != 0;
    store_item<Bits, kSwap>(to + i * sizeof(Bits), static_cast<Bits>(bits));
    return true;
  }
  bool operator()(std::uint64_t i, std::int64_t v, bool na) {
    return put(i, na ? 0 : static_cast<std::uint64_t>(v));
  }
  bool operator()(std::uint64_t i, double v) { return put(i, whole_bits(v)); }
  bool operator()(std::uint64_t i, std::complex<double>) { return put(i, 0); }
};

void put_float(const Dtype& part, bool swap, double v, std::uint8_t* to) {
  switch (part.itemsize) {
    case 2: {
      const std::uint16_t h = double_to_half(v);
      return store_item<std::uint16_t, false>(to, swap ? swap_bytes(h) : h);
    }
    case 4: {
      const bool over = std::fabs(v) >= kSingleOverflow;
      const float f =
          over ? static_cast<float>(std::copysign(HUGE_VAL, v)) : static_cast<float>(v);
      const auto bits = bits_as<std::uint32_t>(f);
      return store_item<std::uint32_t, false>(to, swap ? swap_bytes(bits) : bits);
    }
    case 8: {
      const auto bits = bits_as<std::uint64_t>(v);
      return store_item<std::uint64_t, false>(to, swap ? swap_bytes(bits) : bits);
    }
    default:
      return double_to_extended(v, to, part.itemsize, part.big_endian);
  }
}

// floats, and with them complex numbers: `parts` floats an item.
struct PutFloat {
  Dtype part;
  bool swap;
  std::uint64_t parts;
  std::uint8_t* to;
  bool put(std::uint64_t i, double re, double im) {
    std::uint8_t* at = to + i * parts * part.itemsize;
    put_float(part, swap, re, at);
    if (parts == 2) put_float(part, swap, im, at + part.itemsize);
    return true;
  }
  bool operator()(std::uint64_t i, std::int64_t v, bool na) {
    return put(i, na ? na_real() : static_cast<double>(v), 0);
  }
  bool operator()(std::uint64_t i, double v) { return put(i, v, 0); }
  bool operator()(std::uint64_t i, std::complex<double> v) {
    return put(i, v.real(), v.imag());
  }
};

struct PutTime {
  TimeScale scale;
  TimeUnits units;
  bool swap;
  std::uint8_t* to;
  bool operator()(std::uint64_t i, double v) {
    std::int64_t ticks = kNaT;
    if (!std::isnan(v) && !scale.ticks(units(v), ticks)) ticks = kNaT;
    const auto bits = static_cast<std::uint64_t>(ticks);
    store_item<std::uint64_t, false>(to + 8 * i, swap ? swap_bytes(bits) : bits);
    return true;
  }
  bool operator()(std::uint64_t i, std::int64_t v, bool na) {
    return (*this)(i, na ? na_real() : static_cast<double>(v));
  }
  bool operator()(std::uint64_t, std::complex<double>) { return false; }
};

struct PutMask {
  std::uint8_t* mask;
  bool operator()(std::uint64_t i, std::int64_t, bool na) {
    mask[i] = na;
    return true;
  }
  bool operator()(std::uint64_t i, double v) {
    mask[i] = is_na(v);
    return true;
  }
  bool operator()(std::uint64_t i, std::complex<double> v) {
    mask[i] = is_na(v.real()) || is_na(v.imag());
    return true;
  }
};

template <bool kTruth>
void encode_integers(const Dtype& dtype, const RValues& values,
                     const std::uint64_t* index, std::uint64_t begin, std::uint64_t n,
                     std::uint8_t* to) {
  const bool swap = !is_host_order(dtype);
  const auto visit = [&](auto visitor) {
    visit_values(values, index, begin, n, visitor);
  };
  switch (dtype.itemsize) {
    case 1:
      return visit(PutInteger<std::uint8_t, false, kTruth>{to});
    case 2:
      return swap ? visit(PutInteger<std::uint16_t, true, kTruth>{to})
                  : visit(PutInteger<std::uint16_t, false, kTruth>{to});
    case 4:
      return swap ? visit(PutInteger<std::uint32_t, true, kTruth>{to})
                  : visit(PutInteger<std::uint32_t, false, kTruth>{to});
    default:
      return swap ? visit(PutInteger<std::uint64_t, true, kTruth>{to})
                  : visit(PutInteger<std::uint64_t, false, kTruth>{to});
  }
}

void encode_strings(const Dtype& dtype, const RValues& values, const std::uint64_t* index,
                    std::uint64_t begin, std::uint64_t n, std::uint8_t* to,
                    std::uint8_t* mask) {
  for (std::uint64_t i = 0; i < n; ++i) {
    const Bytes s = (*values.strings)[index ? index[i] : begin + i];
    encode_string(dtype, s.data ? s : Bytes(), to + i * dtype.itemsize);
    if (mask) mask[i] = s.data == nullptr;
  }
}

}  // namespace

void encode(const Dtype& dtype, const RValues& values, const std::uint64_t* index,
            std::uint64_t begin, std::uint64_t n, std::uint8_t* to, std::uint8_t* mask) {
  if (n == 0) return;
  if (values.type == RType::string) {
    return encode_strings(dtype, values, index, begin, n, to, mask);
  }
  if (mask) visit_values(values, index, begin, n, PutMask{mask});
  if (dtype.kind == Kind::bytes || dtype.kind == Kind::unicode) {  // NA alone
    if (dtype.itemsize > 0) std::memset(to, 0, n * dtype.itemsize);
    return;
  }
  if (!index && same_layout(dtype, values.type)) {
    const std::uint64_t size = dtype.itemsize;
    std::memcpy(to, static_cast<const std::uint8_t*>(values.data) + begin * size,
                n * size);
    return;
  }
  Dtype part = dtype;
  const bool swap = !is_host_order(dtype);
  switch (dtype.kind) {
    case Kind::boolean:
      return encode_integers<true>(dtype, values, index, begin, n, to);
    case Kind::integer:
    case Kind::unsigned_integer:
      return encode_integers<false>(dtype, values, index, begin, n, to);
    case Kind::complex:
      part.itemsize /= 2;
      [[fallthrough]];
    case Kind::floating:
      return visit_values(values, index, begin, n,
                          PutFloat{part, swap, dtype.itemsize / part.itemsize, to});
    case Kind::datetime:
    case Kind::timedelta: {
      const TimeScale scale(dtype);
      return visit_values(values, index, begin, n,
                          PutTime{scale, TimeUnits(values, scale.target()), swap, to});
    }
    default:
      return;
  }
}

}  // namespace mmappickle::numpy
