#include "elements.h"

#include <algorithm>

#include "../base/checked.h"
#include "../base/error.h"
#include "string_items.h"

namespace mmappickle::numpy {

namespace {

const char* describe(CastError cast_error) {
  switch (cast_error) {
    case CastError::fraction:
      return "has a fraction";
    case CastError::range:
      return "is out of its range";
    case CastError::missing:
      return "is NA, for which it has no value";
    case CastError::not_a_number:
      return "is NaN, for which it has no value";
    case CastError::too_long:
      return "is too long";
    case CastError::not_text:
      return "is not valid UTF-8";
    default:
      return "is of a type that it cannot hold";
  }
}

// "U" and "S": as long as the longest string, as NumPy has it.
std::uint64_t longest(const Dtype& dtype, const RValues& values) {
  std::uint64_t most = dtype.kind == Kind::unicode ? 4 : 1;
  if (!values.strings) return most;
  for (const Bytes& s : *values.strings) most = std::max(most, text_size(dtype, s));
  return most;
}

// Of a data frame's column all dimensions but the first belong to the item.
void fold(Shape& dims, Dtype& dtype) {
  if (dims.size() < 2) return;
  dtype.subshape.assign(dims.begin() + 1, dims.end());
  for (std::uint64_t extent : dtype.subshape) {
    if (!checked_multiply(dtype.itemsize, extent, dtype.itemsize)) {
      dtype.itemsize = UINT64_MAX;
    }
  }
  dims.resize(1);
}

std::uint64_t count_of(const Shape& dims) {
  std::uint64_t count = 1;
  for (std::uint64_t extent : dims) count *= extent;
  return count;
}

}  // namespace

void check_values(const Dtype& dtype, const RValues& values, bool maskable,
                  const std::string& subject, const std::string& hint) {
  const Check check = check_fit(dtype, values, maskable);
  if (check.cast_error == CastError::none) return;
  const std::string what = check.cast_error == CastError::type
                               ? "it"
                               : "element " + std::to_string(check.index + 1);
  throw Error(ErrorKind::value,
              subject + " does not fit " + text(dtype) + ": " + what + " " +
                  describe(check.cast_error) + ".",
              hint);
}

Elements encode_elements(const Dtype& dtype, Shape dims, const RValues& values,
                         bool in_r_order, bool maskable, const std::string& subject) {
  Elements out;
  out.dtype = dtype;
  out.dims = std::move(dims);
  const bool is_text = dtype.kind == Kind::unicode || dtype.kind == Kind::bytes;
  if (is_text && dtype.itemsize == 0) {
    out.dtype.itemsize = longest(dtype, values);
  }
  const Check check = check_fit(out.dtype, values, false);
  const bool masked = maskable && check.cast_error == CastError::missing;
  if (check.cast_error != CastError::none)
    check_values(out.dtype, values, masked, subject);
  out.data = array_source(out.dtype, out.dims, in_r_order, values);
  if (masked) out.mask = array_source(out.dtype, out.dims, in_r_order, values, true);
  return out;
}

Elements encode_void(const Dtype& dtype, Shape dims, const std::uint8_t* bytes,
                     bool in_r_order, const std::string& subject) {
  const std::uint64_t itemsize = dtype.itemsize ? dtype.itemsize : dims.front();
  if (!bytes || dims.front() != itemsize || itemsize == 0 || itemsize > kMaxItemsize) {
    throw Error(ErrorKind::value, subject + " does not fit " + text(dtype) +
                                      ": its items are the columns of a raw matrix, with "
                                      "a row for each byte of an item.");
  }
  dims.erase(dims.begin());
  Array items;
  items.dtype = dtype;
  items.dtype.itemsize = itemsize;
  items.shape = dims;
  std::uint64_t size = 0;
  contiguous_strides(items.shape, itemsize, true, items.strides, size);
  items.data = bytes;
  Elements out;
  out.dtype = items.dtype;
  out.dims = std::move(dims);
  out.data = copy_source(items, in_r_order);
  return out;
}

Records::Records() {
  out_.dtype.kind = Kind::structured;
  out_.dtype.itemsize = 0;
}

void Records::add(const std::string& name, Elements column, bool of_rows,
                  const std::string& subject) {
  if (column.dtype.kind == Kind::object) {
    throw Error(ErrorKind::value,
                subject + " cannot be a field: fields hold no objects.");
  }
  if (of_rows) fold(column.dims, column.dtype);
  if (out_.dtype.fields.empty()) out_.dims = column.dims;
  if (column.dims != out_.dims) {
    throw Error(ErrorKind::value, subject +
                                      " has not as many elements as the columns before "
                                      "it, or other dimensions.");
  }
  const std::uint64_t itemsize = column.dtype.itemsize;
  if (itemsize > kMaxItemsize - out_.dtype.itemsize) {
    throw Error(ErrorKind::limit, "The items of a structured array are too large.");
  }
  data_.push_back({std::move(column.data), itemsize, out_.dtype.itemsize});
  const std::uint64_t mask = mask_itemsize(column.dtype);
  masked_ = masked_ || column.mask;
  if (!column.mask) column.mask = hole_source(count_of(out_.dims) * mask);
  masks_.push_back({std::move(column.mask), mask, mask_size_});
  mask_size_ += mask;
  Field field;
  field.name = name;
  field.offset = out_.dtype.itemsize;
  field.dtype = std::move(column.dtype);
  out_.dtype.fields.push_back(std::move(field));
  out_.dtype.itemsize += itemsize;
}

Elements Records::finish(const std::string& subject) {
  if (out_.dtype.itemsize == 0) {
    throw Error(ErrorKind::value, subject + " has items of no bytes.");
  }
  const std::uint64_t count = count_of(out_.dims);
  out_.data = field_source(count, out_.dtype.itemsize, std::move(data_));
  if (masked_) out_.mask = field_source(count, mask_size_, std::move(masks_));
  return std::move(out_);
}

namespace {

NewArray laid_out(const Shape& dims, const Layout& layout) {
  NewArray array;
  array.shape = layout.reversed ? Shape(dims.rbegin(), dims.rend()) : dims;
  array.fortran = layout.fortran && dims.size() > 1;
  return array;
}

}  // namespace

NewArray new_array(Elements elements, const Layout& layout) {
  NewArray array = laid_out(elements.dims, layout);
  array.dtype = std::move(elements.dtype);
  array.data = std::move(elements.data);
  array.mask = std::move(elements.mask);
  return array;
}

NewArray object_array(const Shape& dims, pickle::Id list, const Layout& layout) {
  NewArray array = laid_out(dims, layout);
  array.dtype.kind = Kind::object;
  array.objects = list;
  return array;
}

PythonPlaces::PythonPlaces(Shape dims, bool reversed)
    : dims_(std::move(dims)), at_(dims_.size(), 0) {
  std::uint64_t bytes = 0;
  contiguous_strides(dims_, 1, reversed, strides_, bytes);
}

std::size_t PythonPlaces::next() {
  std::int64_t place = 0;
  for (std::size_t a = 0; a < dims_.size(); ++a) {
    place += static_cast<std::int64_t>(at_[a]) * strides_[a];
  }
  for (std::size_t a = 0; a < dims_.size() && ++at_[a] == dims_[a]; ++a) at_[a] = 0;
  return static_cast<std::size_t>(place);
}

}  // namespace mmappickle::numpy
