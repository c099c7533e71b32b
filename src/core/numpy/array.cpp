#include "array.h"

#include <algorithm>

#include "../base/checked.h"

namespace mmappickle::numpy {
namespace {

bool is_contiguous(const Array& a, bool fortran) {
  if (a.count() <= 1) return true;
  // Of an array of objects the strides count items.
  std::uint64_t expected = a.dtype.kind == Kind::object ? 1 : a.dtype.itemsize;
  const std::size_t rank = a.shape.size();
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t axis = fortran ? i : rank - 1 - i;
    if (a.shape[axis] == 1) continue;
    if (a.strides[axis] != static_cast<std::int64_t>(expected)) return false;
    expected *= a.shape[axis];
  }
  return true;
}

}  // namespace

std::uint64_t Array::count() const {
  std::uint64_t n = 1;
  for (std::uint64_t extent : shape) {
    if (extent == 0) return 0;
  }
  for (std::uint64_t extent : shape) n *= extent;
  return n;
}

bool Array::c_order() const { return is_contiguous(*this, false); }
bool Array::f_order() const { return is_contiguous(*this, true); }

Array Array::reversed() const {
  Array a = *this;
  std::reverse(a.shape.begin(), a.shape.end());
  std::reverse(a.strides.begin(), a.strides.end());
  std::reverse(a.mask_strides.begin(), a.mask_strides.end());
  return a;
}

std::uint64_t mask_itemsize(const Dtype& dtype) {
  std::uint64_t n = 1;
  if (dtype.kind == Kind::structured) {
    n = 0;
    for (const Field& f : dtype.fields) n += mask_itemsize(f.dtype);
  }
  for (std::uint64_t extent : dtype.subshape) n *= extent;
  return n;
}

Array Array::item_bytes(bool last) const {
  Array a = *this;
  a.dtype = Dtype();
  a.dtype.kind = Kind::unsigned_integer;
  a.dtype.itemsize = 1;
  const auto place = static_cast<std::ptrdiff_t>(last ? shape.size() : 0);
  a.shape.insert(a.shape.begin() + place, dtype.itemsize);
  a.strides.insert(a.strides.begin() + place, 1);
  a.masked = false;  // bytes have no NA
  return a;
}

Array Array::field(const Field& field) const {
  Array a = *this;
  a.subclass.clear();
  a.dtype = field.dtype;
  a.dtype.itemsize = field.dtype.base_itemsize();
  a.dtype.subshape.clear();
  const Shape& sub = field.dtype.subshape;
  a.shape.insert(a.shape.end(), sub.begin(), sub.end());
  Strides strides;
  std::uint64_t bytes = 0;
  contiguous_strides(sub, a.dtype.itemsize, false, strides, bytes);
  a.strides.insert(a.strides.end(), strides.begin(), strides.end());
  const bool any = a.count() > 0;
  if (any) a.data += field.offset;
  if (masked && mask) {
    contiguous_strides(sub, mask_itemsize(a.dtype), false, strides, bytes);
    a.mask_strides.insert(a.mask_strides.end(), strides.begin(), strides.end());
    for (const Field& f : dtype.fields) {
      if (f == field) break;
      if (any) a.mask += mask_itemsize(f.dtype);
    }
  }
  return a;
}

std::string size_problem(const Dtype& dtype, const Shape& shape, std::uint64_t size) {
  std::string extents;
  for (std::uint64_t extent : shape) {
    extents += (extents.empty() ? "" : ", ") + std::to_string(extent);
  }
  return "The array's data have " + std::to_string(size) + " bytes, which does not fit " +
         "its shape (" + extents + ") of dtype " + text(dtype) + ".";
}

bool contiguous_strides(const Shape& shape, std::uint64_t itemsize, bool fortran,
                        Strides& strides, std::uint64_t& bytes) {
  const std::size_t rank = shape.size();
  if (rank > kMaxRank) return false;
  strides.assign(rank, 0);
  bytes = 0;
  if (std::find(shape.begin(), shape.end(), 0u) != shape.end()) return true;
  std::uint64_t count = 1;
  bytes = itemsize;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t axis = fortran ? i : rank - 1 - i;
    strides[axis] = static_cast<std::int64_t>(bytes);
    if (!checked_multiply(bytes, shape[axis], bytes) || bytes > INT64_MAX) return false;
    if (!checked_multiply(count, shape[axis], count)) return false;
  }
  return itemsize > 0 || count <= kMaxEmptyItems;
}

}  // namespace mmappickle::numpy
