#include "elements.h"

#include <algorithm>

#include "../base/checked.h"
#include "../base/error.h"
#include "../base/number_text.h"
#include "../base/utf8.h"
#include "string_items.h"

namespace mmappickle::numpy {

namespace {

// A short value as R shows it; "" for others.
std::string value_text(const RValues& values, std::uint64_t i) {
  constexpr std::uint64_t kLongest = 40;
  if (values.meaning != Meaning::plain) return {};
  switch (values.type) {
    case RType::integer:
      return std::to_string(static_cast<const std::int32_t*>(values.data)[i]);
    case RType::real:
      return number_text(static_cast<const double*>(values.data)[i], 15);
    case RType::string: {
      const Bytes s = (*values.strings)[i];
      return s.size > kLongest ? "" : "\"" + escape_text(s) + "\"";
    }
    default:
      return {};
  }
}

const char* type_text(const RValues& values) {
  switch (values.meaning) {
    case Meaning::plain:
      break;
    case Meaning::date:
      return "dates";
    case Meaning::datetime:
      return "date-times";
    case Meaning::difftime:
      return "time differences";
  }
  switch (values.type) {
    case RType::logical:
      return "logical values";
    case RType::complex:
      return "complex numbers";
    case RType::string:
      return "text";
    case RType::raw:
      return "raw bytes";
    default:
      return "numbers";
  }
}

// " (0 to 255)", for what can be said in short.
std::string range_text(const Dtype& dtype) {
  const bool is_signed = dtype.kind == Kind::integer;
  if (dtype.kind == Kind::boolean) return " (0 and 1)";
  if ((!is_signed && dtype.kind != Kind::unsigned_integer) || dtype.itemsize > 4)
    return {};
  const std::int64_t most =
      (std::int64_t{1} << (8 * dtype.itemsize - (is_signed ? 1 : 0))) - 1;
  // Of int32 R has the least value as NA.
  const std::int64_t least = is_signed ? -most - (dtype.itemsize == 4 ? 0 : 1) : 0;
  return " (" + std::to_string(least) + " to " + std::to_string(most) + ")";
}

std::string describe(const Dtype& dtype, CastError cast_error) {
  switch (cast_error) {
    case CastError::fraction:
      return "has a fraction";
    case CastError::range:
      return "is out of its range" + range_text(dtype);
    case CastError::missing:
      return "is NA, for which it has no value";
    case CastError::not_a_number:
      return "is NaN, for which it has no value";
    case CastError::too_long:
      return "is too long";
    case CastError::not_text:
      return "is not valid UTF-8";
    default:
      return {};
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

Error misfit(const Dtype& dtype, const RValues& values, const Check& check,
             const std::string& subject) {
  std::string message = subject + " does not fit " + text(dtype);
  if (check.cast_error == CastError::type) {
    message += std::string(", which cannot hold ") + type_text(values);
  } else {
    const bool nameless = check.cast_error == CastError::missing ||
                          check.cast_error == CastError::not_a_number;
    const std::string value = nameless ? std::string() : value_text(values, check.index);
    const std::string element = values.count == 1 && !value.empty()
                                    ? value
                                    : "element " + std::to_string(check.index + 1) +
                                          (value.empty() ? "" : ", " + value + ",");
    message += ": " + element + " " + describe(dtype, check.cast_error);
  }
  return Error(ErrorKind::value, message + ".");
}

void check_values(const Dtype& dtype, const RValues& values, bool maskable,
                  const std::string& subject, const std::function<void()>& poll) {
  const Check check = check_fit(dtype, values, maskable, poll);
  if (check.cast_error != CastError::none) throw misfit(dtype, values, check, subject);
}

Elements encode_elements(const Dtype& dtype, Shape dims, const RValues& values,
                         bool in_r_order, bool maskable, const std::string& subject,
                         const std::function<void()>& poll, bool always_masked) {
  Elements out;
  out.dtype = dtype;
  out.dims = std::move(dims);
  const bool is_text = dtype.kind == Kind::unicode || dtype.kind == Kind::bytes;
  if (is_text && dtype.itemsize == 0) {
    out.dtype.itemsize = longest(dtype, values);
  }
  const Check check = check_fit(out.dtype, values, false, poll);
  const bool masked =
      always_masked || (maskable && check.cast_error == CastError::missing);
  if (check.cast_error != CastError::none)
    check_values(out.dtype, values, masked, subject, poll);
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
