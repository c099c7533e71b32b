// What the tests of gather, scatter and the sources share.
#pragma once

#include <random>

#include "numpy_testing.h"

namespace mmappickle::numpy {

// The same numbers in every run.
inline std::uint64_t below(std::uint64_t n) {
  static std::mt19937 random_bits(8);
  return random_bits() % n;
}

// An array whose item i (in C order) holds i, and a mask; contiguous in either order.
struct Made {
  Made(const char* name, const Shape& shape, bool fortran, bool masked) {
    const Dtype d = dtype_of(name);
    a = array_of(d, shape, fortran, nullptr);
    const std::uint64_t n = a.count();
    bytes.resize(n * d.itemsize);
    masks.resize(n);
    std::vector<double> numbers(n);
    for (std::uint64_t i = 0; i < n; ++i) {
      numbers[i] = static_cast<double>(i % 100);
      masks[i] = static_cast<std::uint8_t>(below(4) == 0);
    }
    RValues v;
    v.count = n;
    v.data = numbers.data();
    encode(d, v, nullptr, 0, n, bytes.data(), nullptr);
    a.data = bytes.data();
    a.masked = masked;
    a.mask = masks.data();
    std::uint64_t size = 0;  // of either order, whatever that of the data
    contiguous_strides(shape, 1, below(2), a.mask_strides, size);
  }
  // Where it would stand in a file.
  static constexpr std::uint64_t kData = 1000, kMask = std::uint64_t{1} << 40;
  Place place() const { return {kData, a.masked ? kMask : 0}; }
  std::vector<std::uint8_t> bytes, masks;
  Array a;
};

struct Axes {
  std::vector<Axis> axes;
  std::vector<std::vector<std::uint64_t>> lists;
};

// Ranges forward and back, steps, single indices, lists with repeats.
inline Axes random_axes(const Shape& shape) {
  Axes r;
  r.lists.reserve(shape.size());
  for (std::uint64_t extent : shape) {
    Axis axis;
    switch (extent ? below(5) : 0) {
      case 0:
        axis.count = extent;
        break;
      case 1:
        axis.start = below(extent);
        axis.count = 1;
        break;
      case 2:
        axis.start = extent - 1;
        axis.step = -1;
        axis.count = 1 + below(extent);
        break;
      case 3:
        axis.step = static_cast<std::int64_t>(1 + below(3));
        axis.count = 1 + (extent - 1) / static_cast<std::uint64_t>(axis.step);
        break;
      default:
        r.lists.emplace_back();
        for (std::uint64_t i = below(2 * extent) + 1; i > 0; --i) {
          r.lists.back().push_back(below(extent));
        }
        axis.list = r.lists.back().data();
        axis.count = r.lists.back().size();
    }
    r.axes.push_back(axis);
  }
  return r;
}

inline std::uint64_t total(const std::vector<Axis>& axes) {
  std::uint64_t n = 1;
  for (const Axis& axis : axes) n *= axis.count;
  return n;
}

// Address of position p of the product, first axis fastest.
inline const std::uint8_t* place(const Array& a, const std::vector<Axis>& axes,
                                 std::uint64_t p, bool of_mask) {
  const std::uint8_t* at = of_mask ? a.mask : a.data;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const auto i = static_cast<std::int64_t>(axes[k].at(p % axes[k].count));
    at += i * (of_mask ? a.mask_strides[k] : a.strides[k]);
    p /= axes[k].count;
  }
  return at;
}

inline const std::vector<Shape> kShapes{{},
                                        {7},
                                        {0},
                                        {1},
                                        {5, 9},
                                        {70, 100},
                                        {100, 3},
                                        {3, 100},
                                        {40, 3, 50},
                                        {2, 3, 4, 5},
                                        {2, 0, 3},
                                        {1, 33, 1, 40},
                                        {3, 2, 3, 2, 3, 2},
                                        {64, 64}};

}  // namespace mmappickle::numpy
