#include "slice.h"

#include <algorithm>

#include "../base/error.h"
#include "loops.h"

namespace mmappickle::numpy {
namespace {

Decode needed_decoder(const Dtype& dtype, RType type) {
  const Decode decode = decoder(dtype, type);
  if (decode) return decode;
  throw Error(ErrorKind::unsupported,
              "Elements of dtype " + text(dtype) + " have no such type in R.");
}

}  // namespace

std::vector<Axis> whole(const Shape& shape) {
  std::vector<Axis> axes(shape.size());
  for (std::size_t k = 0; k < shape.size(); ++k) axes[k].count = shape[k];
  return axes;
}

void gather(const Array& array, const std::vector<Axis>& axes, std::uint64_t begin,
            std::uint64_t n, RType type, void* to, bool* inexact) {
  const Loops loops = make_loops(array, axes);
  gather_loops(loops, array.dtype, needed_decoder(array.dtype, type), type, r_size(type),
               begin, n, static_cast<std::uint8_t*>(to), inexact);
}

void visit_elements(
    const Array& array, const std::vector<Axis>& axes, std::uint64_t begin,
    std::uint64_t n,
    const std::function<void(std::uint64_t, const std::uint8_t*, bool)>& visit) {
  const Loops loops = make_loops(array, axes);
  if (loops.total == 0) return;
  Odometer at(loops, begin);
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint8_t* mask = at.mask();
    visit(i, at.data(), mask && *mask);
    if (loops.rank > 0) at.advance(0, 1);
  }
}

std::int64_t linear_offset(const Shape& shape, const Strides& strides,
                           std::uint64_t linear) {
  std::int64_t offset = 0;
  for (std::size_t k = 0; k + 1 < shape.size(); ++k) {
    offset += static_cast<std::int64_t>(linear % shape[k]) * strides[k];
    linear /= shape[k];
  }
  if (!shape.empty()) offset += static_cast<std::int64_t>(linear) * strides.back();
  return offset;
}

const std::uint8_t* address(const Array& array, std::uint64_t linear) {
  return array.data + linear_offset(array.shape, array.strides, linear);
}

const std::uint8_t* mask_address(const Array& array, std::uint64_t linear) {
  if (!array.masked || !array.mask) return nullptr;
  return array.mask + linear_offset(array.shape, array.mask_strides, linear);
}

void gather_linear(const Array& array, const std::uint64_t* index, std::uint64_t n,
                   RType type, void* to, bool* inexact) {
  constexpr std::uint64_t kChunk = 128, kLargestNumber = 32;
  alignas(16) std::uint8_t items[kChunk * kLargestNumber];
  std::uint8_t masks[kChunk];
  const Decode decode = needed_decoder(array.dtype, type);
  const std::uint64_t size = array.dtype.itemsize;
  const bool masked = array.masked && array.mask;
  std::uint8_t* out = static_cast<std::uint8_t*>(to);
  for (std::uint64_t at = 0; at < n; at += kChunk) {
    const std::uint64_t m = std::min(kChunk, n - at);
    for (std::uint64_t i = 0; i < m; ++i) {
      copy_item(items + i * size, address(array, index[at + i]), size);
      if (masked) masks[i] = *mask_address(array, index[at + i]);
    }
    decode(array.dtype, items, static_cast<std::int64_t>(size), m, out, inexact);
    if (masked) apply_mask(masks, 1, m, type, out);
    out += m * r_size(type);
  }
}

}  // namespace mmappickle::numpy
