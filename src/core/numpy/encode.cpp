// R's values to items.
#include <cmath>

#include "string_items.h"
#include "values.h"

namespace mmappickle::numpy {
namespace {

// A whole number that has been checked to fit 64 bits, of either sign; NA, below a mask,
// is 0.
std::uint64_t whole_bits(double v) {
  if (v >= -0x1p63 && v < 0x1p63) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(v));
  }
  if (std::isnan(v)) return 0;
  if (v > 0) return v < 0x1p64 ? static_cast<std::uint64_t>(v) : UINT64_MAX;
  return std::uint64_t{1} << 63;
}

// bool and all integers.
template <class Bits, bool kTruth>
struct ToInteger {
  Bits of(std::uint64_t bits) const {
    return static_cast<Bits>(kTruth ? bits != 0 : bits);
  }
  Bits operator()(double v) const { return of(whole_bits(v)); }
  Bits operator()(std::complex<double>) const { return 0; }
  template <class Integer>
  Bits operator()(Integer v) const {
    return kTruth ? static_cast<Bits>(!is_missing(v) && v != 0)
                  : static_cast<Bits>(is_missing(v) ? 0 : v);
  }
};

struct TwoBits {
  std::uint64_t real, imaginary;
};

// Any number, and its imaginary part, as a double.
struct ToDouble {
  double na = na_real();
  double operator()(double v) const { return v; }
  double operator()(std::complex<double> v) const { return v.real(); }
  template <class Integer>
  double operator()(Integer v) const {
    return is_missing(v) ? na : static_cast<double>(v);
  }
};
double imaginary(std::complex<double> v) { return v.imag(); }
template <class Number>
double imaginary(Number) {
  return 0;
}

// The same as bits, which NaNs keep.
struct ToBits {
  std::uint64_t operator()(const double& v) const { return bits_as<std::uint64_t>(v); }
  std::uint64_t operator()(const std::complex<double>& v) const {
    return bits_as<TwoBits>(v).real;
  }
  template <class Integer>
  std::uint64_t operator()(Integer v) const {
    return is_missing(v) ? kNaRealBits : bits_as<std::uint64_t>(static_cast<double>(v));
  }
};
std::uint64_t imaginary_bits(const std::complex<double>& v) {
  return bits_as<TwoBits>(v).imaginary;
}
template <class Number>
std::uint64_t imaginary_bits(Number) {
  return 0;
}

float to_single(double v) {
  const bool over = std::fabs(v) >= kSingleOverflow;
  return static_cast<float>(over ? std::copysign(HUGE_VAL, v) : v);
}

// The bytes of each part of so many.
template <class Bits>
void swap_parts(std::uint8_t* at, std::uint64_t count) {
  for (; count > 0; --count, at += sizeof(Bits)) {
    store_item<Bits, true>(at, load_native<Bits>(at));
  }
}
void swap_parts(std::uint8_t* at, std::uint64_t bytes, std::size_t part) {
  switch (part) {
    case 2:
      return swap_parts<std::uint16_t>(at, bytes / 2);
    case 4:
      return swap_parts<std::uint32_t>(at, bytes / 4);
    case 8:
      return swap_parts<std::uint64_t>(at, bytes / 8);
    default:
      return;
  }
}

// Where items go, and which values they are made of.
struct Job {
  const RValues& values;
  const std::uint64_t* index;
  std::uint64_t begin, n;
  bool swap;
  std::uint8_t* to;

  // An item of each value.
  template <class Item, class Convert>
  void put(std::size_t part, Convert convert) const {
    put_runs<Item>(part, [&](const auto* run, std::uint64_t m, Item* items) {
      for_run(m, [&](std::uint64_t i) { items[i] = convert(run[i]); });
    });
  }
  // fill(values, n, items)
  template <class Item, class Fill>
  void put_runs(std::size_t part, Fill fill) const {
    visit_runs(values, index, begin, n, [&](std::uint64_t at, const auto* run, auto m) {
      Item items[kRun];
      fill(run, m, items);
      std::uint8_t* const there = to + at * sizeof(Item);
      std::memcpy(there, items, m * sizeof(Item));
      if (swap) swap_parts(there, m * sizeof(Item), part);
      return true;
    });
  }
  template <class Item, class Convert>
  void put(Convert convert) const {
    put<Item>(sizeof(Item), convert);
  }
};

void put_extended(const Job& job, const Dtype& dtype, std::uint64_t size) {
  const ToBits bits;
  visit_runs(job.values, job.index, job.begin, job.n,
             [&](std::uint64_t at, const auto* run, auto m) {
               std::uint8_t* to = job.to + at * dtype.itemsize;
               for (std::uint64_t i = 0; i < m; ++i, to += dtype.itemsize) {
                 bits_to_extended(bits(run[i]), to, size, dtype.big_endian);
                 if (size == dtype.itemsize) continue;
                 bits_to_extended(imaginary_bits(run[i]), to + size, size,
                                  dtype.big_endian);
               }
               return true;
             });
}

void encode_floats(const Job& job, const Dtype& dtype) {
  const ToDouble number;
  switch (dtype.itemsize) {
    case 2:
      return job.put<std::uint16_t>([&](auto v) { return double_to_half(number(v)); });
    case 4:
      return job.put<float>([&](auto v) { return to_single(number(v)); });
    case 8:
      return job.put<std::uint64_t>(ToBits());
    default:
      return put_extended(job, dtype, dtype.itemsize);
  }
}

void encode_complex(const Job& job, const Dtype& dtype) {
  const ToDouble number;
  switch (dtype.itemsize) {
    case 8:
      return job.put<std::complex<float>>(4, [&](auto v) {
        return std::complex<float>(to_single(number(v)), to_single(imaginary(v)));
      });
    case 16:
      return job.put<TwoBits>(8, [](const auto& v) {
        return TwoBits{ToBits()(v), imaginary_bits(v)};
      });
    default:
      return put_extended(job, dtype, dtype.itemsize / 2);
  }
}

void encode_times(const Job& job, const Dtype& dtype) {
  const TimeScale scale(dtype);
  const TimeUnits units(job.values, scale.target());
  const ToDouble number;
  job.put<std::uint64_t>([&](auto value) {
    const double v = number(value);
    std::int64_t ticks = kNaT;
    if (!std::isnan(v) && !scale.ticks(units(v), ticks)) ticks = kNaT;
    return static_cast<std::uint64_t>(ticks);
  });
}

// Doubles that are whole, and small but in few runs: where one is added to 3 * 2^51 it
// stands in the sum's lowest bits. (Processors of old convert them one by one.)
struct ToWide {
  template <class Number>
  void operator()(const Number* run, std::uint64_t n, std::uint64_t* items) const {
    const ToInteger<std::uint64_t, false> convert;
    for_run(n, [&](std::uint64_t i) { items[i] = convert(run[i]); });
  }
  void operator()(const double* run, std::uint64_t n, std::uint64_t* items) const {
    constexpr std::uint64_t kSizes = UINT64_MAX >> 1;
    const auto limit = bits_as<std::uint64_t>(0x1p51);
    std::uint64_t large = 0;
    for_run(n, [&](std::uint64_t i) {
      large |= limit - 1 - (bits_as<std::uint64_t>(run[i]) & kSizes);
    });
    if (large > kSizes) return operator()<double>(run, n, items);
    constexpr double kSum = 0x3p51;
    for_run(n, [&](std::uint64_t i) {
      items[i] = bits_as<std::uint64_t>(run[i] + kSum) - bits_as<std::uint64_t>(kSum);
    });
  }
};

template <bool kTruth>
void encode_integers(const Job& job, const Dtype& dtype) {
  switch (dtype.itemsize) {
    case 1:
      return job.put<std::uint8_t>(ToInteger<std::uint8_t, kTruth>());
    case 2:
      return job.put<std::uint16_t>(ToInteger<std::uint16_t, kTruth>());
    case 4:
      return job.put<std::uint32_t>(ToInteger<std::uint32_t, kTruth>());
    default:
      return job.put_runs<std::uint64_t>(sizeof(std::uint64_t), ToWide());
  }
}

void encode_strings(const Dtype& dtype, const RValues& values, const std::uint64_t* index,
                    std::uint64_t begin, std::uint64_t n, std::uint8_t* to,
                    std::uint8_t* mask) {
  for (std::uint64_t i = 0; i < n; ++i) {
    const Bytes s = (*values.strings)[index ? index[i] : begin + i];
    if (to) encode_string(dtype, s.data ? s : Bytes(), to + i * dtype.itemsize);
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
  if (mask) {
    Job{values, index, begin, n, false, mask}.put<std::uint8_t>(
        [](auto v) { return static_cast<std::uint8_t>(is_missing(v)); });
  }
  if (!to) return;
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
  const Job job{values, index, begin, n, !is_host_order(dtype), to};
  switch (dtype.kind) {
    case Kind::boolean:
      return encode_integers<true>(job, dtype);
    case Kind::integer:
    case Kind::unsigned_integer:
      return encode_integers<false>(job, dtype);
    case Kind::complex:
      return encode_complex(job, dtype);
    case Kind::floating:
      return encode_floats(job, dtype);
    case Kind::datetime:
    case Kind::timedelta:
      return encode_times(job, dtype);
    default:
      return;
  }
}

}  // namespace mmappickle::numpy
