#include "r/write/array.h"

#include <algorithm>

#include "core/numpy/slice.h"
#include "r/vector.h"
#include "r/write/values.h"

namespace mmappickle::write {

using numpy::Dtype;
using numpy::Kind;
using numpy::NewArray;
using numpy::Shape;

Shape dims_of(SEXP x) {
  SEXP dim = Rf_getAttrib(x, R_DimSymbol);
  if (dim == R_NilValue) return {static_cast<std::uint64_t>(Rf_xlength(x))};
  Shape dims;
  for (R_xlen_t i = 0; i < Rf_xlength(dim); ++i) {
    dims.push_back(static_cast<std::uint64_t>(integer_elt(dim, i)));
  }
  return dims;
}

PythonPlaces::PythonPlaces(const Context& context, Shape dims)
    : dims_(std::move(dims)), at_(dims_.size(), 0) {
  std::uint64_t bytes = 0;
  numpy::contiguous_strides(dims_, 1, context.flags.reversed, strides_, bytes);
}

std::size_t PythonPlaces::next() {
  std::int64_t place = 0;
  for (std::size_t a = 0; a < dims_.size(); ++a) {
    place += static_cast<std::int64_t>(at_[a]) * strides_[a];
  }
  for (std::size_t a = 0; a < dims_.size() && ++at_[a] == dims_[a]; ++a) at_[a] = 0;
  return static_cast<std::size_t>(place);
}

namespace {

// "U" and "S": as long as the longest string, as NumPy has it.
std::uint64_t longest(const Dtype& dtype, const std::vector<Bytes>& strings) {
  std::uint64_t most = 1;
  for (const Bytes& s : strings) {
    std::uint64_t n = 0;
    for (std::uint64_t i = 0; i < s.size; ++i) {
      n += dtype.kind == Kind::bytes || (s[i] & 0xc0) != 0x80;
    }
    most = std::max(most, n);
  }
  return most * (dtype.kind == Kind::unicode ? 4 : 1);
}

// A raw array, whose first dimension are the bytes of an item, as V is read; without dim
// it is one item.
Elements encode_void(SEXP x, const Dtype& dtype, bool r_order,
                     const std::string& subject) {
  Elements out;
  out.dims = dims_of(x);
  const std::uint64_t itemsize = dtype.itemsize ? dtype.itemsize : out.dims.front();
  if (TYPEOF(x) != RAWSXP || out.dims.front() != itemsize || itemsize == 0 ||
      itemsize > numpy::kMaxItemsize) {
    throw Error(ErrorKind::value, subject + " does not fit " + text(dtype) +
                                      ": its items are the columns of a raw matrix, with "
                                      "a row for each byte of an item.");
  }
  numpy::Array items;
  items.dtype = dtype;
  items.dtype.itemsize = itemsize;
  out.dims.erase(out.dims.begin());
  items.shape = out.dims;
  std::uint64_t bytes = 0;
  numpy::contiguous_strides(items.shape, itemsize, true, items.strides, bytes);
  items.data = static_cast<const std::uint8_t*>(read_pointer(x));
  out.dtype = items.dtype;
  out.data = copy_source(items, r_order);
  return out;
}

}  // namespace

Elements encode_elements(Context& context, SEXP x, const Dtype& dtype,
                         const Encoding& encoding, const std::string& subject) {
  if (dtype.kind == Kind::raw) return encode_void(x, dtype, encoding.r_order, subject);
  Elements out;
  out.dtype = dtype;
  out.dims = dims_of(x);
  std::vector<Bytes>& strings = context.memory.strings.emplace_back();
  const numpy::RValues values =
      r_values(x, strings, context.memory.texts, encoding.unclassed);
  if ((dtype.kind == Kind::unicode || dtype.kind == Kind::bytes) && dtype.itemsize == 0) {
    out.dtype.itemsize = longest(dtype, strings);
  }
  const numpy::Check check = check_fit(out.dtype, values, false);
  const bool masked = encoding.maskable && check.misfit == numpy::Misfit::missing;
  if (check.misfit != numpy::Misfit::none) {
    check_values(out.dtype, values, masked, subject);
  }
  out.data = array_source(out.dtype, out.dims, encoding.r_order, values);
  if (masked) {
    out.mask = array_source(out.dtype, out.dims, encoding.r_order, values, true);
  }
  return out;
}

Encoded add_array(Context& context, NewArray array) {
  Encoded out;
  out.value = context.tree.array(context.recipe.arrays.size());
  context.recipe.arrays.push_back(std::move(array));
  return out;
}

namespace {

// With the shape that Python sees.
NewArray array_of(const Context& context, const Shape& dims, bool fortran) {
  NewArray array;
  array.shape = context.flags.reversed ? Shape(dims.rbegin(), dims.rend()) : dims;
  array.fortran = fortran && dims.size() > 1;
  return array;
}

}  // namespace

Encoded add_array(Context& context, Elements elements, bool fortran) {
  NewArray array = array_of(context, elements.dims, fortran);
  array.dtype = std::move(elements.dtype);
  array.data = std::move(elements.data);
  array.mask = std::move(elements.mask);
  return add_array(context, std::move(array));
}

Encoded add_objects(Context& context, const Shape& dims, pickle::Id list, bool fortran) {
  NewArray array = array_of(context, dims, fortran);
  array.dtype.kind = Kind::object;
  array.objects = list;
  return add_array(context, std::move(array));
}

}  // namespace mmappickle::write
