// The nested loops that walk a slice: what gather, scatter and the sources share.
#pragma once

#include "slice.h"

namespace mmappickle::numpy {

// Item i of a loop lies list[i] * stride (or i * stride) bytes from the start.
struct Loop {
  std::uint64_t count;
  std::int64_t stride, mask_stride;
  std::uint64_t out;  // steps of one here are so many in the slice's order
  const std::uint64_t* list;
  std::int64_t offset(std::uint64_t i) const {
    return stride * static_cast<std::int64_t>(list ? list[i] : i);
  }
  std::int64_t mask_offset(std::uint64_t i) const {
    return mask_stride * static_cast<std::int64_t>(list ? list[i] : i);
  }
};

// First loop fastest. Axes of one index are gone, and axes that lie behind each other in
// memory are one loop. `mask` is null where nothing is masked.
struct Loops {
  const std::uint8_t* data = nullptr;
  const std::uint8_t* mask = nullptr;
  // From the array's first element, and its mask's byte, to those of the loops.
  std::int64_t first = 0, first_mask = 0;
  std::size_t rank = 0;
  std::uint64_t total = 1;
  Loop loop[kMaxRank];  // the first `rank` of them; the rest costs nothing
};
Loops make_loops(const Array& array, const std::vector<Axis>& axes);
// Of an array that stands in a file: without addresses.
Loops make_loops(const Array& array, const Place& place, const std::vector<Axis>& axes);

constexpr std::uint64_t kFewColumns = 8;
// The loop whose items lie closest, if it is not the first one, of those that have some
// items and turn up within `most` positions: lines along the first loop are read side by
// side along this one.
std::size_t closest_loop(const Loops& loops, std::uint64_t most);

// A place in the loops.
class Odometer {
 public:
  Odometer(const Loops& loops, std::uint64_t at);

  std::uint64_t index(std::size_t k) const { return index_[k]; }
  const std::uint8_t* data() const { return loops_.rank ? data(index_[0]) : loops_.data; }
  const std::uint8_t* mask() const { return loops_.rank ? mask(index_[0]) : loops_.mask; }
  // With another index in the first loop.
  const std::uint8_t* data(std::uint64_t i) const {
    return loops_.data + outer_ + loops_.loop[0].offset(i);
  }
  const std::uint8_t* mask(std::uint64_t i) const {
    return loops_.mask ? loops_.mask + outer_mask_ + loops_.loop[0].mask_offset(i)
                       : nullptr;
  }
  // From where the loops begin, with another index in the first one.
  std::int64_t offset(std::uint64_t i) const { return outer_ + loops_.loop[0].offset(i); }
  // Moves loop k on; all faster ones stand at 0. Steps past its end carry.
  void advance(std::size_t k, std::uint64_t steps);

 private:
  void locate();  // sums the offsets of all loops but the first

  const Loops& loops_;
  std::int64_t outer_ = 0, outer_mask_ = 0;
  std::uint64_t index_[kMaxRank];
};

inline void copy_item(std::uint8_t* to, const std::uint8_t* from, std::uint64_t size) {
  switch (size) {
    case 1:
      std::memcpy(to, from, 1);
      return;
    case 2:
      std::memcpy(to, from, 2);
      return;
    case 4:
      std::memcpy(to, from, 4);
      return;
    case 8:
      std::memcpy(to, from, 8);
      return;
    case 16:
      std::memcpy(to, from, 16);
      return;
    default:
      std::memcpy(to, from, size);
  }
}

// Makes NA of what is masked among n decoded elements of `type` (raw has none: 0).
void apply_mask(const std::uint8_t* mask, std::int64_t stride, std::uint64_t n,
                RType type, std::uint8_t* to);

// A Decode that copies items as they are; `to` holds dtype.itemsize bytes an item.
void copy_items(const Dtype& dtype, const std::uint8_t* from, std::int64_t stride,
                std::uint64_t n, void* to, bool* inexact);
// Positions [begin, begin + n) of the loops, through `decode`, `size` bytes an item in
// `to`; masked ones become NA of `type`. The loops' items are of `dtype`.
void gather_loops(const Loops& loops, const Dtype& dtype, Decode decode, RType type,
                  std::uint64_t size, std::uint64_t begin, std::uint64_t n,
                  std::uint8_t* to, bool* inexact);
// The same of the positions index[0] to index[n - 1].
void pick_loops(const Loops& loops, const Dtype& dtype, Decode decode, RType type,
                std::uint64_t size, const std::uint64_t* index, std::uint64_t n,
                std::uint8_t* to, bool* inexact);

}  // namespace mmappickle::numpy
