// Data frames and lists of columns as structured arrays.
#include "core/base/checked.h"
#include "r/write/encode.h"

namespace mmappickle {

using numpy::Dtype;
using numpy::FieldBytes;
using numpy::Kind;

namespace {

// Of a data frame's column all dimensions but the first belong to the item.
void fold(numpy::Shape& dims, Dtype& dtype) {
  if (dims.size() < 2) return;
  dtype.subshape.assign(dims.begin() + 1, dims.end());
  for (std::uint64_t extent : dtype.subshape) {
    if (!checked_multiply(dtype.itemsize, extent, dtype.itemsize)) {
      dtype.itemsize = UINT64_MAX;
    }
  }
  dims.resize(1);
}

std::uint64_t count_of(const numpy::Shape& dims) {
  std::uint64_t count = 1;
  for (std::uint64_t extent : dims) count *= extent;
  return count;
}

bool are_columns(SEXP x, SEXP names) {
  if (TYPEOF(x) != VECSXP || Rf_xlength(x) != Rf_xlength(names)) return false;
  SEXP own = Rf_getAttrib(x, R_NamesSymbol);
  if (TYPEOF(own) != STRSXP || Rf_xlength(own) != Rf_xlength(names)) return false;
  read_pointer(own);
  read_pointer(names);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (utf8_of(string_elt(own, i)) != utf8_of(string_elt(names, i))) return false;
  }
  return true;
}

}  // namespace

// ndarray(x, c(a = "int32", ...)). A data frame is an array of rank 1, a list one of the
// dimensions that its columns share: as structured arrays are read.
Encoder::Encoded Encoder::structured(SEXP x, SEXP fields) {
  const bool fortran = is_fortran(vector_elt(fields, 2));
  return add_array(
      records(x, vector_elt(fields, 1), fortran != flags_.reversed, subject(), 0),
      fortran);
}

// `dtypes` names each column of x, in its order, or else this is no mark of ndarray().
Encoder::Elements Encoder::records(SEXP x, SEXP dtypes, bool in_r_order,
                                   const std::string& subject, int depth) {
  if (depth >= numpy::kMaxDtypeDepth) {
    throw Error(ErrorKind::limit, "A structured dtype is nested too deeply.");
  }
  const bool data_frame = Rf_inherits(x, "data.frame");
  SEXP names = Rf_getAttrib(dtypes, R_NamesSymbol);
  if (!are_columns(x, names)) {
    throw Error(ErrorKind::value, subject + " has not the columns that its dtype names.",
                "Mark the value anew: ndarray(x, dtype).");
  }
  Elements out;
  out.dtype.kind = Kind::structured;
  out.dtype.itemsize = 0;
  std::vector<FieldBytes> data, masks;
  std::uint64_t mask_size = 0;
  bool masked = false;
  for (R_xlen_t i = 0; i < Rf_xlength(dtypes); ++i) {
    numpy::Field field;
    field.name = utf8_of(string_elt(names, i));
    field.offset = out.dtype.itemsize;
    const std::string what = (subject == "The value" ? "x" : subject) + "$" + field.name;
    SEXP column = vector_elt(x, i), dtype = vector_elt(dtypes, i);
    // Row by row: then what is folded into an item stands together.
    const bool order = in_r_order && !data_frame;
    Elements values = TYPEOF(dtype) == VECSXP
                          ? records(column, dtype, order, what, depth + 1)
                          : elements(column, marked_dtype(dtype), true, order, what);
    if (values.dtype.kind == Kind::object) {
      throw Error(ErrorKind::value, what + " cannot be a field: fields hold no objects.");
    }
    if (data_frame) fold(values.dims, values.dtype);
    if (i == 0) out.dims = values.dims;
    if (values.dims != out.dims) {
      throw Error(ErrorKind::value, what +
                                        " has not as many elements as the columns before "
                                        "it, or other dimensions.");
    }
    field.dtype = std::move(values.dtype);
    const std::uint64_t itemsize = field.dtype.itemsize;
    if (itemsize > numpy::kMaxItemsize - out.dtype.itemsize) {
      throw Error(ErrorKind::limit, "The items of a structured array are too large.");
    }
    data.push_back({std::move(values.data), itemsize, field.offset});
    const std::uint64_t mask = mask_itemsize(field.dtype);
    masked = masked || values.mask;
    if (!values.mask) values.mask = hole_source(count_of(out.dims) * mask);
    masks.push_back({std::move(values.mask), mask, mask_size});
    mask_size += mask;
    out.dtype.itemsize += itemsize;
    out.dtype.fields.push_back(std::move(field));
  }
  if (out.dtype.itemsize == 0) {
    throw Error(ErrorKind::value, subject + " has items of no bytes.");
  }
  const std::uint64_t count = count_of(out.dims);
  out.data = field_source(count, out.dtype.itemsize, std::move(data));
  if (masked) out.mask = field_source(count, mask_size, std::move(masks));
  return out;
}

}  // namespace mmappickle
