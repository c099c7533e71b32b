// What R users mark: ndarray(x, dtype, order), and the stubs of empty_ndarray().
#include <algorithm>
#include <cstring>

#include "encode.h"

namespace mmappickle {

using numpy::Dtype;
using numpy::NewArray;
using pickle::kNoId;

namespace {

Dtype dtype_named(SEXP name) {
  Dtype dtype;
  const std::string text = CHAR(STRING_ELT(name, 0));
  if (!parse_dtype(text, dtype)) {
    throw Error(ErrorKind::value,
                "\"" + text + "\" is no dtype of NumPy that can be stored.",
                "Use a name such as \"float32\", \"uint16\", \">i4\", \"bool\", \"U10\", "
                "\"datetime64[ns]\".");
  }
  return dtype;
}

}  // namespace

// ndarray(x, dtype, order)
Encoder::Encoded Encoder::ndarray(SEXP x, SEXP marker) {
  Dtype dtype = dtype_named(VECTOR_ELT(marker, 1));
  const bool fortran = std::strcmp(CHAR(STRING_ELT(VECTOR_ELT(marker, 2), 0)), "F") == 0;
  const bool open_text =
      dtype.kind == numpy::Kind::unicode || dtype.kind == numpy::Kind::bytes;
  if (dtype.kind == numpy::Kind::object) {
    if (TYPEOF(x) != STRSXP) {
      refuse(ErrorKind::unsupported, "an object array of this type cannot be stored");
    }
    SEXP dim = Rf_getAttrib(x, R_DimSymbol);
    if (dim == R_NilValue) {
      NewArray array;
      array.dtype = dtype;
      array.shape = shape_of(x);
      array.objects = character(x, R_NilValue).value;
      return add_array(std::move(array));
    }
    return character(x, dim);
  }
  if (open_text && dtype.itemsize == 0 && TYPEOF(x) == STRSXP) {
    // "U" and "S": as long as the longest string.
    std::uint64_t longest = 1;
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
      if (STRING_ELT(x, i) == NA_STRING) continue;
      std::uint64_t n = 0;
      for (const unsigned char c : utf8_of(STRING_ELT(x, i))) {
        n += dtype.kind == numpy::Kind::bytes || (c & 0xc0) != 0x80;
      }
      longest = std::max(longest, n);
    }
    dtype.itemsize = longest * (dtype.kind == numpy::Kind::unicode ? 4 : 1);
  }
  return as_array(x, dtype, true, fortran);
}

// empty_ndarray(dim, dtype, order)
Encoder::Encoded Encoder::stub(SEXP x) {
  NewArray array;
  array.dtype = dtype_named(VECTOR_ELT(x, 1));
  if (array.dtype.kind == numpy::Kind::object) {
    refuse(ErrorKind::value, "a stub of dtype object has no values");
  }
  SEXP dim = VECTOR_ELT(x, 0);
  const auto* extents = static_cast<const double*>(read_pointer(dim));
  for (R_xlen_t i = 0; i < Rf_xlength(dim); ++i) {
    array.shape.push_back(static_cast<std::uint64_t>(extents[i]));
  }
  if (flags_.reversed) std::reverse(array.shape.begin(), array.shape.end());
  array.fortran = std::strcmp(CHAR(STRING_ELT(VECTOR_ELT(x, 2), 0)), "F") == 0 &&
                  array.shape.size() > 1;
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  if (!numpy::contiguous_strides(array.shape, array.dtype.itemsize, false, strides,
                                 bytes) ||
      bytes > static_cast<std::uint64_t>(INT64_MAX) / 2) {
    throw Error(ErrorKind::limit, "The stub has more bytes than a file can have.");
  }
  array.data = hole_source(bytes);
  return add_array(std::move(array));
}

}  // namespace mmappickle
