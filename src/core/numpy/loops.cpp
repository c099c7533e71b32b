#include "loops.h"

#include <algorithm>
#include <cstdlib>

namespace mmappickle::numpy {

std::size_t closest_loop(const Loops& loops, std::uint64_t most) {
  std::size_t closest = 0;
  for (std::size_t k = 1; k < loops.rank; ++k) {
    const Loop& loop = loops.loop[k];
    if (loop.list || loop.count < kFewColumns || loop.out > most) continue;
    if (std::abs(loop.stride) < std::abs(loops.loop[closest].stride)) closest = k;
  }
  return closest;
}

namespace {

Loops loops_of(const Array& array, bool masked, const std::vector<Axis>& axes) {
  Loops loops;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const Axis& axis = axes[k];
    const std::uint64_t out = loops.total;
    loops.total *= axis.count;
    if (axis.count == 0) {
      loops.total = 0;
      loops.rank = 0;
      return loops;
    }
    const std::int64_t stride = array.strides[k];
    const std::int64_t mask_stride = masked ? array.mask_strides[k] : 0;
    if (!axis.list || axis.count == 1) {
      const auto start = static_cast<std::int64_t>(axis.at(0));
      loops.first += start * stride;
      loops.first_mask += start * mask_stride;
    }
    if (axis.count == 1) continue;
    const std::int64_t step = axis.list ? 1 : axis.step;
    const Loop loop{axis.count, stride * step, mask_stride * step, out, axis.list};
    if (loops.rank > 0 && !loop.list) {
      Loop& last = loops.loop[loops.rank - 1];
      const auto count = static_cast<std::int64_t>(last.count);
      if (!last.list && loop.stride == last.stride * count &&
          loop.mask_stride == last.mask_stride * count) {
        last.count *= loop.count;
        continue;
      }
    }
    loops.loop[loops.rank++] = loop;
  }
  return loops;
}

}  // namespace

Loops make_loops(const Array& array, const std::vector<Axis>& axes) {
  const bool masked = array.masked && array.mask != nullptr;
  Loops loops = loops_of(array, masked, axes);
  if (loops.total == 0) return loops;
  loops.data = array.data + loops.first;
  if (masked) loops.mask = array.mask + loops.first_mask;
  return loops;
}

Loops make_loops(const Array& array, const Place& place, const std::vector<Axis>& axes) {
  return loops_of(array, place.mask != 0, axes);
}

Odometer::Odometer(const Loops& loops, std::uint64_t at) : loops_(loops) {
  for (std::size_t k = 0; k < loops.rank; ++k) {
    index_[k] = at / loops.loop[k].out % loops.loop[k].count;
  }
  locate();
}

void Odometer::advance(std::size_t k, std::uint64_t steps) {
  if (steps == 0) return;
  index_[k] += steps;
  if (k == 0 && index_[0] < loops_.loop[0].count) return;
  while (k < loops_.rank && index_[k] >= loops_.loop[k].count) {
    index_[k] = 0;
    if (++k < loops_.rank) ++index_[k];
  }
  locate();
}

void Odometer::locate() {
  outer_ = outer_mask_ = 0;
  for (std::size_t k = 1; k < loops_.rank; ++k) {
    outer_ += loops_.loop[k].offset(index_[k]);
    outer_mask_ += loops_.loop[k].mask_offset(index_[k]);
  }
}

}  // namespace mmappickle::numpy
