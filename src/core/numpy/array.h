// An array as it lies in bytes: dtype, shape, strides, place, mask.
#pragma once

#include <vector>

#include "../pickle/tree.h"
#include "dtype.h"

namespace mmappickle::numpy {

using Shape = std::vector<std::uint64_t>;
using Strides = std::vector<std::int64_t>;  // bytes

// NumPy 2's limit, and the most items of no bytes (dtype S0, V0) that an array may claim:
// their number costs a file nothing.
constexpr std::size_t kMaxRank = 64;
constexpr std::uint64_t kMaxEmptyItems = 4096;

// Borrowed: the bytes belong to the mapping (or the buffer) that the tree was read from.
// Whoever makes one has checked that every element lies inside those bytes.
struct Array {
  Dtype dtype;
  Shape shape;
  Strides strides;
  const std::uint8_t* data = nullptr;  // element [0, 0, ...]; for count 0 anything

  // Masked arrays: one byte an element, true (not 0) where masked. Same shape. Of a
  // structured dtype a byte an item of each field; field() finds the right one.
  bool masked = false;
  const std::uint8_t* mask = nullptr;  // null with masked: nothing is masked
  Strides mask_strides;
  // Masked, and its state or MaskedArray()'s arguments tell the fill value: the node of
  // it. kNoId otherwise.
  pickle::Id fill = pickle::kNoId;

  // dtype object: the elements, a list node, in the order that `strides` (here in items,
  // not bytes) gives; kNoId otherwise.
  pickle::Id objects = pickle::kNoId;
  // "numpy.matrix" and the like: a subclass by exact name; empty for ndarray itself.
  std::string subclass;

  std::uint64_t count() const;  // product of the shape (checked when it was made)
  bool c_order() const;         // C-contiguous (any array of count 0 or 1 is both)
  bool f_order() const;
  // The same elements with the axes in reverse: a transpose, nothing moves.
  Array reversed() const;
  // The items of V as uint8, in an axis that is the first, or (`last`) the last.
  Array item_bytes(bool last) const;
  // One field of a structured array, as an array of its own (strided).
  Array field(const Field& field) const;
};

// Where an array's first element and its mask's first byte stand in a file. `mask` 0:
// nothing is masked.
struct Place {
  std::uint64_t data = 0, mask = 0;
};

// Bytes of the mask that belong to one item: 1, structured: the sum over its fields.
std::uint64_t mask_itemsize(const Dtype& dtype);

// Why data of `size` bytes are no such array: a sentence.
std::string size_problem(const Dtype& dtype, const Shape& shape, std::uint64_t size);

// Strides of contiguous data, and the size of these. Overflow, too large, a rank above
// kMaxRank: false. The strides of an array without elements are 0.
bool contiguous_strides(const Shape& shape, std::uint64_t itemsize, bool fortran,
                        Strides& strides, std::uint64_t& bytes);

}  // namespace mmappickle::numpy
