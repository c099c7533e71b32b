// Elements of a slice, decoded from where they lie: what gather and pick share.
#include <algorithm>
#include <cstdlib>

#include "../base/prefetch.h"
#include "loops.h"

namespace mmappickle::numpy {
namespace {

// A tile of kTile x kTile items of at most kMaxTileItem bytes is held decoded, so that
// each cache line of the file, and of the result, is touched once.
constexpr std::uint64_t kTile = 32, kMaxTileItem = 16;
// From one item to the next, so that what is called for ahead is little.
constexpr std::int64_t kDense = 64;
// So many lines side by side: some kB of one place in the file, that is, about a page.
constexpr std::uint64_t kStrip = 16 * kTile;

template <class T>
void set_na(const std::uint8_t* mask, std::int64_t stride, std::uint64_t n,
            std::uint8_t* to, T na) {
  std::uint64_t i = 0;
  while (i < n) {
    // Most of a mask is nothing.
    if (stride == 1 && n - i >= sizeof(std::uint64_t) &&
        load_native<std::uint64_t>(mask + i) == 0) {
      i += sizeof(std::uint64_t);
      continue;
    }
    const std::uint64_t end = std::min<std::uint64_t>(n, i + sizeof(std::uint64_t));
    for (; i < end; ++i) {
      T item;
      std::memcpy(&item, to + i * sizeof(T), sizeof(T));
      if (mask[static_cast<std::int64_t>(i) * stride]) item = na;
      std::memcpy(to + i * sizeof(T), &item, sizeof(T));
    }
  }
}

class Gatherer {
 public:
  Gatherer(const Loops& loops, const Dtype& dtype, Decode decode, RType type,
           std::uint64_t size, bool* inexact)
      : loops_(loops),
        dtype_(dtype),
        decode_(decode),
        type_(type),
        size_(size),
        inexact_(inexact) {}

  void run(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) {
    if (size_ <= kMaxTileItem) across_ = closest_loop(loops_, n / kFewColumns);
    Odometer at(loops_, begin);
    while (n > 0) {
      std::uint64_t done = columns(at, n, to);
      if (done == 0) done = line(at, n, to);
      to += done * size_;
      n -= done;
    }
  }

 private:
  // Along the first loop, as far as it goes.
  std::uint64_t line(Odometer& at, std::uint64_t n, std::uint8_t* to) {
    if (loops_.rank == 0) {
      items(at.data(), 0, at.mask(), 0, 1, to);
      return 1;
    }
    const Loop& first = loops_.loop[0];
    n = std::min(n, first.count - at.index(0));
    if (!first.list) {
      items(at.data(), first.stride, at.mask(), first.mask_stride, n, to);
    } else {
      picked(at, n, to);
      return n;
    }
    at.advance(0, n);
    return n;
  }

  // Items of a list of indices: brought together first, decoded at once.
  void picked(Odometer& at, std::uint64_t n, std::uint8_t* to) {
    constexpr std::uint64_t kPicked = 4096;
    alignas(16) std::uint8_t bytes[kPicked];
    std::uint8_t masks[kPicked];
    const std::uint64_t most = dtype_.itemsize ? kPicked / dtype_.itemsize : 0;
    while (n > 0) {
      const std::uint64_t m = std::max<std::uint64_t>(1, std::min(n, most));
      if (most < 2) {
        items(at.data(), 0, at.mask(), 0, 1, to);
        at.advance(0, 1);
      } else {
        for (std::uint64_t i = 0; i < m; ++i) {
          copy_item(bytes + i * dtype_.itemsize, at.data(), dtype_.itemsize);
          if (loops_.mask) masks[i] = *at.mask();
          at.advance(0, 1);
        }
        items(bytes, static_cast<std::int64_t>(dtype_.itemsize),
              loops_.mask ? masks : nullptr, 1, m, to);
      }
      to += m * size_;
      n -= m;
    }
  }

  // Whole lines side by side along the loop `across_`, in tiles; 0 if there are few.
  std::uint64_t columns(Odometer& at, std::uint64_t n, std::uint8_t* to) {
    if (across_ == 0) return 0;
    const Loop& across = loops_.loop[across_];
    for (std::size_t k = 0; k < across_; ++k) {
      if (at.index(k) != 0) return 0;
    }
    const std::uint64_t wide = std::min(across.count - at.index(across_), n / across.out);
    if (wide < kFewColumns) return 0;
    // Lines below one column: one for each place of the loops in between.
    Odometer between(at);
    const Loop& first = loops_.loop[0];
    for (std::uint64_t start = 0; start < across.out; start += first.count) {
      for (std::uint64_t strip = 0; strip < wide; strip += kStrip) {
        const std::uint64_t end = std::min(strip + kStrip, wide);
        for (std::uint64_t i = 0; i < first.count; i += kTile) {
          const std::uint64_t height = std::min(kTile, first.count - i);
          for (std::uint64_t j = strip; j < end; j += kTile) {
            tile(between, i, height, j, std::min(kTile, end - j),
                 to + (start + i + j * across.out) * size_);
          }
        }
      }
      between.advance(1, across_ > 1 ? 1 : 0);
    }
    at.advance(across_, wide);
    return wide * across.out;
  }

  void tile(const Odometer& at, std::uint64_t i, std::uint64_t height, std::uint64_t j,
            std::uint64_t width, std::uint8_t* to) {
    alignas(16) std::uint8_t held[kTile * kTile * kMaxTileItem];
    const Loop& across = loops_.loop[across_];
    const std::uint64_t row = width * size_;
    const bool is_dense = across.stride > 0 && across.stride <= kDense;
    const std::int64_t bytes = across.stride * static_cast<std::int64_t>(width);
    for (std::uint64_t k = 0; k < height; ++k) {
      // Each of the next tile's rows lies in another page.
      if (is_dense && i + k + kTile < loops_.loop[0].count) {
        prefetch_all(at.data(i + k + kTile) + across.offset(j), bytes);
      }
      const std::uint8_t* mask = at.mask(i + k);
      if (mask) mask += across.mask_offset(j);
      items(at.data(i + k) + across.offset(j), across.stride, mask, across.mask_stride,
            width, held + k * row);
    }
    for (std::uint64_t c = 0; c < width; ++c, to += across.out * size_) {
      turn(held + c * size_, row, height, to);
    }
  }

  // One column of the tile.
  void turn(const std::uint8_t* from, std::uint64_t row, std::uint64_t n,
            std::uint8_t* to) const {
    switch (size_) {
      case 4:
        for (; n > 0; --n, from += row, to += 4) std::memcpy(to, from, 4);
        return;
      case 8:
        for (; n > 0; --n, from += row, to += 8) std::memcpy(to, from, 8);
        return;
      default:
        for (; n > 0; --n, from += row, to += size_) copy_item(to, from, size_);
    }
  }

  void items(const std::uint8_t* from, std::int64_t stride, const std::uint8_t* mask,
             std::int64_t mask_stride, std::uint64_t n, std::uint8_t* to) const {
    decode_(dtype_, from, stride, n, to, inexact_);
    if (mask) apply_mask(mask, mask_stride, n, type_, to);
  }

  const Loops& loops_;
  const Dtype& dtype_;
  Decode decode_;
  RType type_;
  std::uint64_t size_;
  bool* inexact_;
  std::size_t across_ = 0;
};

}  // namespace

void apply_mask(const std::uint8_t* mask, std::int64_t stride, std::uint64_t n,
                RType type, std::uint8_t* to) {
  switch (type) {
    case RType::logical:
    case RType::integer:
      return set_na(mask, stride, n, to, kNaInteger);
    case RType::integer64:
      return set_na(mask, stride, n, to, kNaInteger64);
    case RType::real:
      return set_na(mask, stride, n, to, kNaRealBits);
    case RType::raw:
      return set_na(mask, stride, n, to, std::uint8_t{0});
    case RType::complex: {
      struct Two {
        std::uint64_t re, im;
      };
      return set_na(mask, stride, n, to, Two{kNaRealBits, kNaRealBits});
    }
    case RType::string:
      return;  // copied items; masks are read beside them
  }
}

void copy_items(const Dtype& dtype, const std::uint8_t* from, std::int64_t stride,
                std::uint64_t n, void* to, bool*) {
  std::uint8_t* out = static_cast<std::uint8_t*>(to);
  const std::uint64_t size = dtype.itemsize;
  if (size == 0) return;
  if (stride == static_cast<std::int64_t>(size)) {
    if (n > 0) std::memcpy(out, from, n * size);
    return;
  }
  for (; n > 0; --n, from += stride, out += size) copy_item(out, from, size);
}

void gather_loops(const Loops& loops, const Dtype& dtype, Decode decode, RType type,
                  std::uint64_t size, std::uint64_t begin, std::uint64_t n,
                  std::uint8_t* to, bool* inexact) {
  if (n == 0 || loops.total == 0) return;
  Gatherer(loops, dtype, decode, type, size, inexact).run(begin, n, to);
}

void pick_loops(const Loops& loops, const Dtype& dtype, Decode decode, RType type,
                std::uint64_t size, const std::uint64_t* index, std::uint64_t n,
                std::uint8_t* to, bool* inexact) {
  constexpr std::uint64_t kBytes = 4096, kMost = 256;
  alignas(16) std::uint8_t items[kBytes];
  std::uint8_t masks[kMost];
  const std::uint64_t itemsize = dtype.itemsize;
  const std::uint64_t most = itemsize ? std::min(kMost, kBytes / itemsize) : 0;
  if (loops.total == 0) return;
  if (most == 0) {  // items too large, or of no bytes
    for (std::uint64_t i = 0; i < n; ++i) {
      gather_loops(loops, dtype, decode, type, size, index[i], 1, to + i * size, inexact);
    }
    return;
  }
  while (n > 0) {
    const std::uint64_t m = std::min(n, most);
    for (std::uint64_t i = 0; i < m; ++i) {
      std::int64_t at = 0, mask_at = 0;
      std::uint64_t left = index[i];
      for (std::size_t k = 0; k < loops.rank; ++k) {
        const Loop& loop = loops.loop[k];
        const bool last = k + 1 == loops.rank;
        const std::uint64_t here = last ? left : left % loop.count;
        if (!last) left /= loop.count;
        at += loop.offset(here);
        mask_at += loop.mask_offset(here);
      }
      copy_item(items + i * itemsize, loops.data + at, itemsize);
      masks[i] = loops.mask ? loops.mask[mask_at] : 0;
    }
    decode(dtype, items, static_cast<std::int64_t>(itemsize), m, to, inexact);
    if (loops.mask) apply_mask(masks, 1, m, type, to);
    index += m;
    to += m * size;
    n -= m;
  }
}

}  // namespace mmappickle::numpy
