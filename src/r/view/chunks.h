// All elements of a view, in the order in which they are read fastest: what summaries go
// through.
#pragma once

#include <algorithm>
#include <climits>

#include "core/numpy/items.h"
#include "r/view/access.h"

namespace mmappickle {

constexpr std::uint64_t kChunk = 4096;

// Values that were given out by pointer may have been changed by code that breaks R's
// rules.
inline bool are_files(const View& view) { return view.values == nullptr; }

inline bool is_integer(const numpy::Dtype& dtype) {
  return dtype.kind == numpy::Kind::boolean || dtype.kind == numpy::Kind::integer ||
         dtype.kind == numpy::Kind::unsigned_integer;
}

// Floats of 2 or 4 bytes as ints of the same bits: looked at without a conversion.
struct FloatBits {
  numpy::Array array;
  int size;      // all but the sign
  int infinity;  // above it: NaN

  explicit FloatBits(const View& view) : array(view.array) {
    array.dtype.kind = numpy::Kind::integer;
    const bool half = array.dtype.itemsize == 2;
    size = half ? 0x7fff : INT_MAX;
    infinity = half ? 0x7c00 : 0x7f800000;
  }
  double value(int item) const {
    const auto bits = static_cast<std::uint32_t>(item);
    return size == INT_MAX ? double{numpy::bits_as<float>(bits)}
                           : numpy::half_to_double(static_cast<std::uint16_t>(bits));
  }
};

inline bool has_float_bits(const View& view) {
  const numpy::Dtype& dtype = view.array.dtype;
  return dtype.kind == numpy::Kind::floating && dtype.itemsize <= 4 &&
         view.file == nullptr && !view.array.masked;
}

// The same elements, their axes in the order of memory.
numpy::Array in_order_of_memory(const numpy::Array& array);
// The items of such an array, if they lie side by side as items of `type`; else null.
const void* side_by_side(const numpy::Array& sorted, numpy::RType type);

// run(items, n) of all elements as items of `type`, in the order in which they are read
// fastest, until it gives false. `array`: the view's, or one of the same items. May
// throw.
template <class Item, class Run>
void each_chunk(View& view, const numpy::Array& array, numpy::RType type,
                const Run& run) {
  Item chunk[kChunk];
  const numpy::Array sorted = in_order_of_memory(array);
  const std::vector<numpy::Axis> axes = numpy::whole(sorted.shape);
  const auto* items = static_cast<const Item*>(
      view.file == nullptr ? side_by_side(sorted, type) : nullptr);
  bool inexact = false;
  for (std::uint64_t begin = 0; begin < view.count; begin += kChunk) {
    const std::uint64_t n = std::min(kChunk, view.count - begin);
    if (items != nullptr) {
      if (!run(items + begin, n)) break;
      continue;
    }
    if (view.file != nullptr) {
      read_run(view, begin, n, chunk);
    } else {
      numpy::gather(sorted, axes, begin, n, type, chunk, &inexact);
    }
    if (!run(static_cast<const Item*>(chunk), n)) break;
  }
  if (inexact && type == view.type) note_inexact(view);
}

// As many as registers hold.
template <class Item>
constexpr std::uint64_t kLanes = 64 / sizeof(Item);

// step(i, k) of each i below n: k is its lane. Inner loops of constant length become
// vector code.
template <std::uint64_t kCount, class Step>
void in_lanes(std::uint64_t n, const Step& step) {
  std::uint64_t i = 0;
  for (; i + kCount <= n; i += kCount) {
    for (std::uint64_t k = 0; k < kCount; ++k) step(i + k, k);
  }
  for (; i < n; ++i) step(i, i % kCount);
}

inline bool has_nan(const double* items, std::uint64_t n) {
  constexpr std::uint64_t kCount = kLanes<double>;
  std::int64_t found[kCount] = {0};
  in_lanes<kCount>(n, [&](std::uint64_t i, std::uint64_t k) {
    found[k] |= static_cast<std::int64_t>(items[i] != items[i]);
  });
  return std::count(found, found + kCount, 0) != kCount;
}

}  // namespace mmappickle
