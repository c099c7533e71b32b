// Slices on their way to a file.
#include <algorithm>
#include <cstdlib>

#include "loops.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kMaxRun = std::uint64_t{1} << 20;  // bytes
constexpr std::uint64_t kMaxRunItems = std::uint64_t{1} << 16;

// Brings neighbours together: values that go to addresses one behind the other become one
// write. Data, or (kMask) the bytes of the mask.
class RunWriter {
 public:
  RunWriter(const Dtype& dtype, const RValues& values, bool mask, const WriteRun& write)
      : dtype_(dtype),
        values_(values),
        mask_(mask),
        size_(mask ? 1 : dtype.itemsize),
        most_(std::clamp<std::uint64_t>(size_ ? kMaxRun / size_ : 1, 1, kMaxRunItems)),
        write_(write) {}

  void add(std::uint64_t at, std::uint64_t value) {
    if (index_.size() == most_ ||
        (!index_.empty() && at != start_ + index_.size() * size_)) {
      flush();
    }
    if (index_.empty()) start_ = at;
    index_.push_back(value < values_.count ? value : value % values_.count);
  }

  void flush() {
    const std::uint64_t n = index_.size();
    if (n == 0 || size_ == 0) return;
    buffer_.resize(n * dtype_.itemsize);
    masks_.resize(mask_ ? n : 0);
    const bool row = std::adjacent_find(index_.begin(), index_.end(),
                                        [](std::uint64_t a, std::uint64_t b) {
                                          return b != a + 1;
                                        }) == index_.end();
    encode(dtype_, values_, row ? nullptr : index_.data(), index_.front(), n,
           buffer_.data(), mask_ ? masks_.data() : nullptr);
    write_(start_, Bytes(mask_ ? masks_.data() : buffer_.data(), n * size_));
    index_.clear();
  }

 private:
  const Dtype& dtype_;
  const RValues& values_;
  bool mask_;
  std::uint64_t size_, most_;
  const WriteRun& write_;
  std::uint64_t start_ = 0;
  std::vector<std::uint64_t> index_;
  std::vector<std::uint8_t> buffer_, masks_;
};

// Writes the loops in the order of memory, so that runs become long. Lists keep their
// order: where an index stands twice the last value counts, as in R.
void scatter_loops(Loops loops, const Place& place, bool mask, RunWriter& writer) {
  // Offsets modulo 2^64: what is added may be negative.
  std::uint64_t at = mask ? place.mask + static_cast<std::uint64_t>(loops.first_mask)
                          : place.data + static_cast<std::uint64_t>(loops.first);
  std::int64_t steps[kMaxRank];  // in values
  std::uint64_t value = 0;
  std::vector<std::size_t> order(loops.rank);
  for (std::size_t k = 0; k < loops.rank; ++k) {
    Loop& loop = loops.loop[k];
    order[k] = k;
    if (mask) loop.stride = loop.mask_stride;
    steps[k] = static_cast<std::int64_t>(loop.out);
    if (!loop.list && loop.stride < 0) {  // from its other end
      at += static_cast<std::uint64_t>(loop.offset(loop.count - 1));
      value += loop.out * (loop.count - 1);
      loop.stride = -loop.stride;
      steps[k] = -steps[k];
    }
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return loops.loop[a].stride < loops.loop[b].stride;
  });
  std::uint64_t index[kMaxRank] = {};
  const std::size_t inner = loops.rank ? order[0] : 0;
  const std::uint64_t count = loops.rank ? loops.loop[inner].count : 1;
  for (std::uint64_t left = loops.total; left > 0; left -= count) {
    std::uint64_t row = at;
    std::int64_t first = static_cast<std::int64_t>(value);
    for (std::size_t k = 1; k < loops.rank; ++k) {
      row += static_cast<std::uint64_t>(loops.loop[order[k]].offset(index[k]));
      first += steps[order[k]] * static_cast<std::int64_t>(index[k]);
    }
    if (loops.rank == 0) writer.add(row, 0);
    for (std::uint64_t i = 0; i < count && loops.rank > 0; ++i) {
      writer.add(row + static_cast<std::uint64_t>(loops.loop[inner].offset(i)),
                 static_cast<std::uint64_t>(first +
                                            steps[inner] * static_cast<std::int64_t>(i)));
    }
    for (std::size_t k = 1; k < loops.rank; ++k) {
      if (++index[k] < loops.loop[order[k]].count) break;
      index[k] = 0;
    }
  }
  writer.flush();
}

}  // namespace

void scatter(const Array& array, const Place& place, const std::vector<Axis>& axes,
             const RValues& values, const WriteRun& write) {
  const Loops loops = make_loops(array, place, axes);
  if (loops.total == 0 || values.count == 0) return;
  RunWriter data(array.dtype, values, false, write);
  scatter_loops(loops, place, false, data);
  if (place.mask == 0) return;
  RunWriter mask(array.dtype, values, true, write);
  scatter_loops(loops, place, true, mask);
}

void scatter_linear(const Array& array, const Place& place, const std::uint64_t* index,
                    std::uint64_t n, const RValues& values, const WriteRun& write) {
  if (n == 0 || values.count == 0) return;
  for (const bool mask : {false, true}) {
    if (mask && place.mask == 0) return;
    RunWriter writer(array.dtype, values, mask, write);
    const std::uint64_t start = mask ? place.mask : place.data;
    const Strides& strides = mask ? array.mask_strides : array.strides;
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::int64_t offset = linear_offset(array.shape, strides, index[i]);
      writer.add(start + static_cast<std::uint64_t>(offset), i);
    }
    writer.flush();
  }
}

}  // namespace mmappickle::numpy
