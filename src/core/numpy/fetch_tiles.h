// A slice of a file, tile by tile: so many of its elements are held at once, undecoded.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "fetch.h"
#include "piece_reader.h"

namespace mmappickle::numpy {

constexpr std::uint64_t kTileBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kLine = 256;  // elements along the first axis, if they may be

// Part of a slice: of each axis some indices one behind the other.
struct Tile {
  std::vector<Axis> axes;
  std::uint64_t count = 1;
};

// The tile's elements packed in memory, in the order in which they lie in the file, as an
// array of its own.
struct Held {
  Array array;
  std::vector<std::uint8_t> bytes, masks;
};

class Tiles {
 public:
  Tiles(const Stored& stored, const std::vector<Axis>& axes, const Tick& tick)
      : stored_(stored), axes_(axes), reader_(stored.file, tick) {
    const Array& array = stored.array;
    order_.resize(axes.size());
    for (std::size_t k = 0; k < axes.size(); ++k) order_[k] = k;
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      return std::abs(array.strides[a]) < std::abs(array.strides[b]);
    });
    choose_extents();
  }

  // run(held, begin, n, at): elements [begin, begin + n) of the held array, in R's order,
  // stand at `at` and behind it in the slice.
  template <class Run>
  void each(const Run& run) {
    std::vector<std::uint64_t> at(axes_.size());
    for (const Axis& axis : axes_) {
      if (axis.count == 0) return;
    }
    for (;;) {
      const Tile tile = tile_at(at);
      hold(tile);
      give(tile, at, run);
      std::size_t k = 0;
      for (; k < axes_.size(); ++k) {
        at[k] += extents_[k];
        if (at[k] < axes_[k].count) break;
        at[k] = 0;
      }
      if (k == axes_.size()) return;
    }
  }

 private:
  // Long lines in the file first, then long ones in the slice, then all that fits.
  void choose_extents() {
    extents_.assign(axes_.size(), 1);
    const std::uint64_t itemsize =
        std::max<std::uint64_t>(1, stored_.array.dtype.itemsize);
    std::uint64_t room = std::max<std::uint64_t>(1, kTileBytes / itemsize);
    const auto grow = [&](std::size_t k, std::uint64_t most) {
      const std::uint64_t before = extents_[k];
      extents_[k] = std::max(before, std::min({most, axes_[k].count, room * before}));
      room = std::max<std::uint64_t>(
          1, room * before / std::max<std::uint64_t>(1, extents_[k]));
    };
    if (axes_.empty()) return;
    grow(order_[0], std::max<std::uint64_t>(1, kTileBytes / 16 / itemsize));
    grow(0, kLine);
    for (const std::size_t k : order_) grow(k, axes_[k].count);
  }

  Tile tile_at(const std::vector<std::uint64_t>& at) const {
    Tile tile;
    for (std::size_t k = 0; k < axes_.size(); ++k) {
      Axis axis = axes_[k];
      axis.count = std::min(extents_[k], axis.count - at[k]);
      if (axis.list != nullptr) {
        axis.list += at[k];
      } else {
        axis.start += static_cast<std::uint64_t>(axis.step) * at[k];
      }
      tile.count *= axis.count;
      tile.axes.push_back(axis);
    }
    return tile;
  }

  void hold(const Tile& tile) {
    const Array& array = stored_.array;
    const std::uint64_t size = array.dtype.itemsize;
    held_.array.dtype = array.dtype;
    held_.array.shape.resize(tile.axes.size());
    held_.array.strides.resize(tile.axes.size());
    held_.array.mask_strides.resize(tile.axes.size());
    std::int64_t items = 1;
    for (const std::size_t k : order_) {
      held_.array.shape[k] = tile.axes[k].count;
      held_.array.strides[k] = items * static_cast<std::int64_t>(size);
      held_.array.mask_strides[k] = items;
      items *= static_cast<std::int64_t>(tile.axes[k].count);
    }
    held_.bytes.resize(tile.count * size + 1);
    read(tile, stored_.place.data, array.strides, size, held_.bytes.data());
    held_.array.data = held_.bytes.data();
    held_.array.masked = stored_.place.mask != 0;
    if (held_.array.masked) {
      held_.masks.resize(tile.count);
      read(tile, stored_.place.mask, array.mask_strides, 1, held_.masks.data());
      held_.array.mask = held_.masks.data();
    }
    reader_.finish();
  }

  // Items of `size` bytes at these strides, packed in the order of order_.
  void read(const Tile& tile, std::uint64_t from, const Strides& strides,
            std::uint64_t size, std::uint8_t* to) {
    if (size == 0) return;
    const std::size_t rank = tile.axes.size();
    std::vector<std::uint64_t> at(rank);
    const Axis one{0, 1, 1, nullptr};
    const Axis& inner = rank ? tile.axes[order_[0]] : one;
    const std::int64_t stride = rank ? strides[order_[0]] : 0;
    const bool together =
        !inner.list && inner.step * stride == static_cast<std::int64_t>(size);
    const bool back = !inner.list && inner.step * stride < 0;  // read in the file's order
    for (std::uint64_t left = tile.count; left > 0; left -= inner.count) {
      std::uint64_t line = from;
      for (std::size_t k = 1; k < rank; ++k) line += offset(tile, strides, k, at[k]);
      if (together) {
        line += rank ? offset(tile, strides, 0, 0) : 0;
        reader_.want(line, inner.count * size, to);
        to += inner.count * size;
      } else {
        for (std::uint64_t i = 0; i < inner.count; ++i) {
          const std::uint64_t at_i = back ? inner.count - 1 - i : i;
          reader_.want(line + (rank ? offset(tile, strides, 0, at_i) : 0), size,
                       to + at_i * size);
        }
        to += inner.count * size;
      }
      for (std::size_t k = 1; k < rank; ++k) {
        if (++at[k] < tile.axes[order_[k]].count) break;
        at[k] = 0;
      }
    }
  }
  // Of index i of the k-th axis in the file's order; modulo 2^64.
  std::uint64_t offset(const Tile& tile, const Strides& strides, std::size_t k,
                       std::uint64_t i) const {
    return tile.axes[order_[k]].at(i) * static_cast<std::uint64_t>(strides[order_[k]]);
  }

  template <class Run>
  void give(const Tile& tile, const std::vector<std::uint64_t>& at, const Run& run) {
    // Axes that the tile covers whole, and the next one, make one run.
    std::size_t whole = 0;
    std::uint64_t line = 1;
    for (; whole < axes_.size(); ++whole) {
      line *= tile.axes[whole].count;
      if (tile.axes[whole].count != axes_[whole].count) {
        ++whole;
        break;
      }
    }
    std::vector<std::uint64_t> place(at);
    for (std::uint64_t begin = 0; begin < tile.count; begin += line) {
      std::uint64_t out = 0, out_stride = 1;
      for (std::size_t k = 0; k < axes_.size(); ++k) {
        out += place[k] * out_stride;
        out_stride *= axes_[k].count;
      }
      run(held_.array, begin, line, out);
      for (std::size_t k = whole; k < axes_.size(); ++k) {
        if (++place[k] < at[k] + tile.axes[k].count) break;
        place[k] = at[k];
      }
    }
  }

  const Stored& stored_;
  const std::vector<Axis>& axes_;
  PieceReader reader_;
  std::vector<std::size_t> order_;  // of the axes: those whose steps are smallest first
  std::vector<std::uint64_t> extents_;
  Held held_;
};

}  // namespace mmappickle::numpy
