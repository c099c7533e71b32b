#include "fetch.h"

#include <algorithm>

#include "fetch_tiles.h"
#include "loops.h"

namespace mmappickle::numpy {
namespace {

// Decodes pieces of a slice into its place.
struct Decoding {
  RType type;
  std::uint8_t* to;
  bool* inexact;
  void operator()(const Array& held, std::uint64_t begin, std::uint64_t n,
                  std::uint64_t at) const {
    gather(held, whole(held.shape), begin, n, type, to + at * r_size(type), inexact);
  }
};

// The slice's bytes stand in R's order and are R's: no need to hold and to decode them.
bool is_copied_as_is(const Stored& stored, const std::vector<Axis>& axes, RType type) {
  const Array& array = stored.array;
  if (stored.place.mask != 0 || !same_layout(array.dtype, type)) return false;
  std::int64_t next = static_cast<std::int64_t>(array.dtype.itemsize);
  for (std::size_t k = 0; k < axes.size(); ++k) {
    if (axes[k].count == 1) continue;
    if (axes[k].list || axes[k].step * array.strides[k] != next) return false;
    next *= static_cast<std::int64_t>(axes[k].count);
  }
  return true;
}

// With addresses, where the file is in memory.
struct Mapped {
  explicit Mapped(const Stored& stored) : array(stored.array) {
    const Bytes file = stored.file.in_memory();
    if (file.data == nullptr) return;
    array.data = file.data + stored.place.data;
    array.masked = stored.place.mask != 0;
    array.mask = array.masked ? file.data + stored.place.mask : nullptr;
    is_mapped = true;
  }
  Array array;
  bool is_mapped = false;
};

// The slice's elements in parts between ticks, run(begin, n): whole lines of the leading
// axes, so many that arrays in the other order are read in tiles.
template <class Run>
void each_part(const Stored& stored, const std::vector<Axis>& axes, const Tick& tick,
               const Run& run) {
  constexpr std::uint64_t kItems = std::uint64_t{1} << 20, kLines = 8;
  std::uint64_t lines = 1, total = 1;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    lines = total;
    total *= axes[k].count;
  }
  if (total == 0) return;
  const std::uint64_t part = std::max(kLines, kItems / lines) * lines;
  for (std::uint64_t begin = 0; begin < total; begin += part) {
    const std::uint64_t n = std::min(part, total - begin);
    run(begin, n);
    if (tick) tick(n * stored.array.dtype.itemsize);
  }
}

// Elements by linear index, packed: run(items, masks or null, n, at).
template <class Run>
void each_linear(const Stored& stored, const std::uint64_t* index, std::uint64_t n,
                 const Tick& tick, const Run& run) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 16;
  const Array& array = stored.array;
  const std::uint64_t size = array.dtype.itemsize;
  const std::uint64_t most =
      std::clamp<std::uint64_t>(size ? kTileBytes / size : kMost, 1, kMost);
  std::vector<std::uint8_t> items, masks;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  PieceReader reader(stored.file, tick);
  const Bytes file = stored.file.in_memory();
  const auto read = [&](const std::uint64_t* part, std::uint64_t m, std::uint64_t start,
                        const Strides& strides, std::uint64_t item, std::uint8_t* to) {
    if (file.data != nullptr) {
      for (std::uint64_t i = 0; i < m; ++i, to += item) {
        copy_item(to, file.data + start + linear_offset(array.shape, strides, part[i]),
                  item);
      }
      if (tick) tick(m * item);
      return;
    }
    places.clear();
    for (std::uint64_t i = 0; i < m; ++i) {
      const std::int64_t offset = linear_offset(array.shape, strides, part[i]);
      places.emplace_back(start + static_cast<std::uint64_t>(offset), i);
    }
    if (!std::is_sorted(places.begin(), places.end())) {
      std::sort(places.begin(), places.end());
    }
    for (const auto& place : places) {
      if (item > 0) reader.want(place.first, item, to + place.second * item);
    }
    reader.finish();
  };
  for (std::uint64_t at = 0; at < n; at += most) {
    const std::uint64_t m = std::min(most, n - at);
    items.resize(m * size + 1);
    read(index + at, m, stored.place.data, array.strides, size, items.data());
    if (stored.place.mask != 0) {
      masks.resize(m);
      read(index + at, m, stored.place.mask, array.mask_strides, 1, masks.data());
    }
    run(items.data(), stored.place.mask != 0 ? masks.data() : nullptr, m, at);
  }
}

// Packed items as an array.
Array packed(const Dtype& dtype, const std::uint8_t* items, const std::uint8_t* masks,
             std::uint64_t n) {
  Array array;
  array.dtype = dtype;
  array.shape = {n};
  array.strides = {static_cast<std::int64_t>(dtype.itemsize)};
  array.data = items;
  array.masked = masks != nullptr;
  array.mask = masks;
  array.mask_strides = {1};
  return array;
}

}  // namespace

void fetch(const Stored& stored, const std::vector<Axis>& axes, RType type, void* to,
           bool* inexact, const Tick& tick) {
  // One long piece is read faster than its pages are mapped.
  constexpr std::uint64_t kLong = 1 << 16;
  auto* out = static_cast<std::uint8_t*>(to);
  const bool as_is = is_copied_as_is(stored, axes, type);
  std::uint64_t bytes = stored.array.dtype.itemsize;
  for (const Axis& axis : axes) bytes *= axis.count;
  if (!as_is || bytes < kLong) {
    const Mapped mapped(stored);
    if (mapped.is_mapped) {
      return each_part(stored, axes, tick, [&](std::uint64_t begin, std::uint64_t n) {
        gather(mapped.array, axes, begin, n, type, out + begin * r_size(type), inexact);
      });
    }
  }
  if (!as_is) {
    Tiles(stored, axes, tick).each(Decoding{type, out, inexact});
    return;
  }
  std::uint64_t from = stored.place.data, count = 1;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    count *= axes[k].count;
    if (axes[k].count == 0) return;
    from += axes[k].at(0) * static_cast<std::uint64_t>(stored.array.strides[k]);
  }
  PieceReader reader(stored.file, tick);
  reader.want(from, count * r_size(type), out);
  reader.finish();
}

void fetch_elements(const Stored& stored, const std::vector<Axis>& axes,
                    const Visit& visit, const Tick& tick) {
  const Mapped mapped(stored);
  if (mapped.is_mapped) {
    return each_part(stored, axes, tick, [&](std::uint64_t begin, std::uint64_t n) {
      visit_elements(mapped.array, axes, begin, n,
                     [&](std::uint64_t i, const std::uint8_t* item, bool masked) {
                       visit(begin + i, item, masked);
                     });
    });
  }
  Tiles(stored, axes, tick)
      .each(
          [&](const Array& held, std::uint64_t begin, std::uint64_t n, std::uint64_t at) {
            visit_elements(held, whole(held.shape), begin, n,
                           [&](std::uint64_t i, const std::uint8_t* item, bool masked) {
                             visit(at + i, item, masked);
                           });
          });
}

void fetch_linear(const Stored& stored, const std::uint64_t* index, std::uint64_t n,
                  RType type, void* to, bool* inexact, const Tick& tick) {
  const Decoding decode{type, static_cast<std::uint8_t*>(to), inexact};
  each_linear(stored, index, n, tick,
              [&](const std::uint8_t* items, const std::uint8_t* masks, std::uint64_t m,
                  std::uint64_t at) {
                decode(packed(stored.array.dtype, items, masks, m), 0, m, at);
              });
}

void fetch_elements_linear(const Stored& stored, const std::uint64_t* index,
                           std::uint64_t n, const Visit& visit, const Tick& tick) {
  const std::uint64_t size = stored.array.dtype.itemsize;
  each_linear(stored, index, n, tick,
              [&](const std::uint8_t* items, const std::uint8_t* masks, std::uint64_t m,
                  std::uint64_t at) {
                for (std::uint64_t i = 0; i < m; ++i) {
                  visit(at + i, items + i * size, masks != nullptr && masks[i] != 0);
                }
              });
}

void fetch_run(const Stored& stored, std::uint64_t begin, std::uint64_t n, RType type,
               void* to, bool* inexact, const Tick& tick) {
  const Array& array = stored.array;
  auto* out = static_cast<std::uint8_t*>(to);
  while (n > 0) {
    // As many as lie in one box: whole lines of the leading axes, or a part of one.
    std::vector<Axis> axes = whole(array.shape);
    std::uint64_t line = 1, left = begin, count = 1;
    std::size_t split = 0;
    while (split + 1 < axes.size() && left % array.shape[split] == 0 &&
           n / line >= array.shape[split]) {
      line *= array.shape[split];
      left /= array.shape[split];
      ++split;
    }
    for (std::size_t k = split; k < axes.size(); ++k) {
      axes[k].start = left % array.shape[k];
      left /= array.shape[k];
      axes[k].count = 1;
      if (k == split) {
        axes[k].count = std::min(array.shape[k] - axes[k].start, n / line);
      }
      count *= axes[k].count;
    }
    count *= line;
    fetch(stored, axes, type, out, inexact, tick);
    out += count * r_size(type);
    begin += count;
    n -= count;
  }
}

Array at_place(Array array, const Place& place) {
  const auto address = [](std::uint64_t offset) {
    return reinterpret_cast<const std::uint8_t*>(static_cast<std::uintptr_t>(offset));
  };
  array.data = address(place.data);
  array.mask = address(place.mask);
  return array;
}

}  // namespace mmappickle::numpy
