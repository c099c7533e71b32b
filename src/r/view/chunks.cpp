#include "r/view/chunks.h"

#include <cstdlib>

namespace mmappickle {

numpy::Array in_order_of_memory(const numpy::Array& array) {
  std::vector<std::size_t> order(array.shape.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = k;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(array.strides[a]) < std::abs(array.strides[b]);
  });
  numpy::Array sorted = array;
  for (std::size_t k = 0; k < order.size(); ++k) {
    sorted.shape[k] = array.shape[order[k]];
    sorted.strides[k] = array.strides[order[k]];
    if (!array.mask_strides.empty())
      sorted.mask_strides[k] = array.mask_strides[order[k]];
  }
  return sorted;
}

const void* side_by_side(const numpy::Array& sorted, numpy::RType type) {
  const std::uint64_t size = sorted.dtype.itemsize;
  if (!numpy::same_layout(sorted.dtype, type) || sorted.masked || sorted.data == nullptr)
    return nullptr;
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  if (!numpy::contiguous_strides(sorted.shape, size, true, strides, bytes))
    return nullptr;
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(sorted.data) % size == 0;
  return is_aligned && strides == sorted.strides ? sorted.data : nullptr;
}

}  // namespace mmappickle
