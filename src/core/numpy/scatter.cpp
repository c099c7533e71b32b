// Slices on their way to a file.
#include <algorithm>

#include "loops.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;
constexpr std::size_t kMostRuns = std::size_t{1} << 12;
constexpr std::uint64_t kMostApart = std::uint64_t{1} << 16;  // between two polls

// The values in the order in which they stand in the file, encoded: data, or (kMask) the
// bytes of the mask.
class Feed {
 public:
  // `order`: loops in that order, with steps between values for strides.
  Feed(const Dtype& dtype, const RValues& values, bool mask, const Loops& order)
      : dtype_(dtype), values_(values), mask_(mask), order_(order) {
    is_recycled_ = values.count < order.total;
    for (std::size_t k = 0; k < order_.rank; ++k) {
      Loop& loop = order_.loop[k];
      if (values.count == 1) loop.stride = 0;
      is_straight_ &= loop.stride == static_cast<std::int64_t>(loop.out);
    }
    is_straight_ &= !is_recycled_;
  }

  // The values are the very bytes.
  bool is_ready() const {
    return is_straight_ && !mask_ && same_layout(dtype_, values_.type);
  }

  // Of values [begin, begin + n).
  const std::uint8_t* next(std::uint64_t begin, std::uint64_t n) {
    if (is_ready()) {
      return static_cast<const std::uint8_t*>(values_.data) + begin * dtype_.itemsize;
    }
    bytes_.resize(n * dtype_.itemsize + 1);
    masks_.resize(mask_ ? n : 0);
    std::uint8_t* masks = mask_ ? masks_.data() : nullptr;
    if (is_straight_) {
      encode(dtype_, values_, nullptr, begin, n, bytes_.data(), masks);
    } else if (values_.type == RType::string || (is_recycled_ && values_.count > 1)) {
      take_places(begin, n);
      encode(dtype_, values_, places_.data(), 0, n, bytes_.data(), masks);
    } else if (!mask_ && same_layout(dtype_, values_.type)) {
      bring(begin, n, bytes_.data());
    } else {
      brought_.resize(n * r_size(values_.type));
      bring(begin, n, brought_.data());
      RValues part = values_;
      part.count = n;
      part.data = brought_.data();
      encode(dtype_, part, nullptr, 0, n, bytes_.data(), masks);
    }
    return mask_ ? masks_.data() : bytes_.data();
  }

 private:
  // Where each of them stands among the values.
  void take_places(std::uint64_t begin, std::uint64_t n) {
    places_.resize(n);
    Odometer at(order_, begin);
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::int64_t step = order_.rank ? at.offset(at.index(0)) : 0;
      places_[i] = static_cast<std::uint64_t>(order_.first + step) % values_.count;
      if (order_.rank) at.advance(0, 1);
    }
  }

  // As they are, in tiles where they stand across: each line of memory is touched once.
  void bring(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) const {
    Dtype as_is;
    as_is.itemsize = r_size(values_.type);
    const auto size = static_cast<std::int64_t>(as_is.itemsize);
    Loops loops = order_;
    const std::int64_t first = values_.count == 1 ? 0 : loops.first;
    loops.data = static_cast<const std::uint8_t*>(values_.data) + first * size;
    for (std::size_t k = 0; k < loops.rank; ++k) loops.loop[k].stride *= size;
    gather_loops(loops, as_is, copy_items, values_.type, as_is.itemsize, begin, n, to,
                 nullptr);
  }

  const Dtype& dtype_;
  const RValues& values_;
  bool mask_;
  Loops order_;
  bool is_recycled_ = false, is_straight_ = true;
  std::vector<std::uint64_t> places_;
  std::vector<std::uint8_t> bytes_, masks_, brought_;
};

// Brings neighbours together: what goes to addresses one behind the other is one piece.
class RunWriter {
 public:
  RunWriter(std::uint64_t size, Feed& feed, const WriteRuns& write)
      : size_(size),
        most_(std::max<std::uint64_t>(1, size ? kMostBytes / size : 1)),
        feed_(feed),
        write_(write) {}

  // The next n values, one behind the other from `at` on.
  void add(std::uint64_t at, std::uint64_t n) {
    while (n > 0) {
      const std::uint64_t part = std::min(n, most_ - count_), bytes = part * size_;
      if (!runs_.empty() && runs_.back().count == 1 &&
          runs_.back().at + runs_.back().size == at) {
        runs_.back().size += bytes;
      } else {
        runs_.push_back({at, bytes});
      }
      at += bytes;
      n -= part;
      added(part);
    }
  }

  // `step` bytes from one to the next.
  void add_apart(std::uint64_t at, std::uint64_t n, std::int64_t step) {
    while (n > 0) {
      const std::uint64_t part = std::min({n, most_ - count_, kMostApart - apart_});
      apart_ += part;
      runs_.push_back({at, size_, part, step});
      at += static_cast<std::uint64_t>(step) * part;
      n -= part;
      added(part);
    }
  }

  void flush() {
    if (count_ > 0 && size_ > 0) {
      write_({runs_.data(), runs_.size(), feed_.next(done_, count_)});
    }
    done_ += count_;
    count_ = apart_ = 0;
    runs_.clear();
  }

 private:
  void added(std::uint64_t n) {
    count_ += n;
    if (count_ == most_ || apart_ == kMostApart || runs_.size() == kMostRuns) flush();
  }

  const std::uint64_t size_, most_;  // bytes an item, items at once
  Feed& feed_;
  const WriteRuns& write_;
  std::uint64_t done_ = 0, count_ = 0;  // values that were written, and that wait
  std::uint64_t apart_ = 0;             // of these, such as stand apart
  std::vector<Run> runs_;
};

// The loops in the order of memory, so that runs become long: where the items lie, and
// which values they get. Lists keep their order: where an index stands twice the last
// value counts, as in R.
struct Order {
  Order(const Loops& loops, bool mask) {
    std::vector<std::size_t> order(loops.rank);
    for (std::size_t k = 0; k < loops.rank; ++k) order[k] = k;
    const auto stride = [&](std::size_t k) {
      return mask ? loops.loop[k].mask_stride : loops.loop[k].stride;
    };
    const auto ascends = [&](std::size_t k) {
      return loops.loop[k].list || stride(k) >= 0;
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const std::int64_t of_a = stride(a), of_b = stride(b);
      return (ascends(a) ? of_a : -of_a) < (ascends(b) ? of_b : -of_b);
    });
    places.total = values.total = loops.total;
    places.rank = values.rank = loops.rank;
    places.first = mask ? loops.first_mask : loops.first;
    std::uint64_t out = 1;
    for (std::size_t i = 0; i < loops.rank; ++i) {
      const std::size_t k = order[i];
      const Loop& loop = loops.loop[k];
      const auto last = static_cast<std::int64_t>(loop.count - 1);
      const auto step = static_cast<std::int64_t>(loop.out);
      const std::int64_t sign = ascends(k) ? 1 : -1;
      if (sign < 0) {  // from its other end
        places.first += stride(k) * last;
        values.first += step * last;
      }
      places.loop[i] = {loop.count, sign * stride(k), 0, out, loop.list};
      values.loop[i] = {loop.count, sign * step, 0, out, nullptr};
      out *= loop.count;
    }
  }
  Loops places, values;
};

void scatter_loops(const Order& order, std::uint64_t start, std::uint64_t size,
                   RunWriter& writer) {
  const Loops& places = order.places;
  // Modulo 2^64: what is added may be negative.
  start += static_cast<std::uint64_t>(places.first);
  if (places.rank == 0) {
    writer.add(start, 1);
  } else {
    const Loop& inner = places.loop[0];
    const auto place = [&](std::int64_t offset) {
      return start + static_cast<std::uint64_t>(offset);
    };
    Odometer at(places, 0);
    for (std::uint64_t left = places.total; left > 0; left -= inner.count) {
      if (inner.list) {
        for (std::uint64_t i = 0; i < inner.count; ++i)
          writer.add(place(at.offset(i)), 1);
      } else if (inner.stride == static_cast<std::int64_t>(size)) {
        writer.add(place(at.offset(0)), inner.count);
      } else {
        writer.add_apart(place(at.offset(0)), inner.count, inner.stride);
      }
      at.advance(0, inner.count);
    }
  }
  writer.flush();
}

}  // namespace

void scatter(const Array& array, const Place& place, const std::vector<Axis>& axes,
             const RValues& values, const WriteRuns& write) {
  const Loops loops = make_loops(array, place, axes);
  if (loops.total == 0 || values.count == 0) return;
  for (const bool mask : {false, true}) {
    if (mask && place.mask == 0) return;
    const Order order(loops, mask);
    Feed feed(array.dtype, values, mask, order.values);
    const std::uint64_t size = mask ? 1 : array.dtype.itemsize;
    RunWriter writer(size, feed, write);
    scatter_loops(order, mask ? place.mask : place.data, size, writer);
  }
}

void scatter_linear(const Array& array, const Place& place, const std::uint64_t* index,
                    std::uint64_t n, const RValues& values, const WriteRuns& write) {
  if (n == 0 || values.count == 0) return;
  Loops in_order;
  in_order.total = n;
  in_order.rank = 1;
  in_order.loop[0] = {n, 1, 0, 1, nullptr};
  for (const bool mask : {false, true}) {
    if (mask && place.mask == 0) return;
    Feed feed(array.dtype, values, mask, in_order);
    RunWriter writer(mask ? 1 : array.dtype.itemsize, feed, write);
    const std::uint64_t start = mask ? place.mask : place.data;
    const Strides& strides = mask ? array.mask_strides : array.strides;
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::int64_t offset = linear_offset(array.shape, strides, index[i]);
      writer.add(start + static_cast<std::uint64_t>(offset), 1);
    }
    writer.flush();
  }
}

}  // namespace mmappickle::numpy
