// What R users mark: ndarray(x, dtype, order), and the stubs of empty_ndarray().
#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_set>

#include "r/write/encode.h"

namespace mmappickle {

using numpy::Dtype;
using numpy::Kind;
using numpy::NewArray;

namespace {

Dtype dtype_named(SEXP name) {
  Dtype dtype;
  const std::string text = CHAR(string_elt(name, 0));
  // 12 and 24: the long double of 32-bit systems, which others cannot load.
  const bool parsed = parse_dtype(text, dtype);
  if (!parsed || ((dtype.kind == Kind::floating || dtype.kind == Kind::complex) &&
                  dtype.itemsize % 12 == 0)) {
    throw Error(ErrorKind::value,
                "\"" + text + "\" is no dtype of NumPy that can be stored.",
                "Use a name such as \"float32\", \"uint16\", \">i4\", \"bool\", \"U10\", "
                "\"datetime64[ns]\".");
  }
  return dtype;
}

bool is_text(const Dtype& dtype) {
  return dtype.kind == Kind::unicode || dtype.kind == Kind::bytes;
}

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

bool is_string(SEXP x) {
  if (TYPEOF(x) != STRSXP || Rf_xlength(x) != 1) return false;
  read_pointer(x);
  return string_elt(x, 0) != NA_STRING;
}

// A name, or a list of such by field.
bool is_dtype(SEXP x, int depth) {
  if (is_string(x)) return true;
  if (TYPEOF(x) != VECSXP || depth >= numpy::kMaxDtypeDepth) return false;
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);
  if (Rf_xlength(x) == 0 || TYPEOF(names) != STRSXP) return false;
  read_pointer(names);
  std::unordered_set<std::string> seen;
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP name = string_elt(names, i);
    if (name == NA_STRING || LENGTH(name) == 0 || !seen.insert(utf8_of(name)).second ||
        !is_dtype(vector_elt(x, i), depth + 1)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool Encoder::open_marked(SEXP x, Frame& frame, Encoded& out) {
  if (Rf_inherits(x, "empty_ndarray")) {
    out = stub(mark_fields(x, "dim"));
    return true;
  }
  if (!Rf_inherits(x, "ndarray")) return false;
  frame.form = Form::ndarray;
  frame.ndarray = mark_fields(x, "x");
  frame.x = vector_elt(frame.ndarray, 0);
  SEXP dtype = vector_elt(frame.ndarray, 1);
  if (TYPEOF(dtype) == VECSXP) {
    out = structured(frame.x, frame.ndarray);
    return true;
  }
  const bool list = TYPEOF(frame.x) == VECSXP;
  const bool plain = !Rf_isObject(frame.x) || Rf_inherits(frame.x, "AsIs");
  if (list && (!plain || marked_dtype(dtype).kind != Kind::object)) {
    refuse(ErrorKind::value, "a list of this kind has no dtype",
           "Lists are stored as \"object\", columns by a named dtype.");
  }
  return false;
}

// The fields of what ndarray() and empty_ndarray() gave (R/ndarray.R), or what calls
// itself so: the value or the dimensions, the dtype, the order.
SEXP Encoder::mark_fields(SEXP x, const char* first) {
  SEXP fields = Rf_getAttrib(x, Rf_install("fields"));
  bool whole =
      TYPEOF(fields) == VECSXP &&
      same_text(Rf_getAttrib(fields, R_NamesSymbol), {first, "dtype", "order"}) &&
      is_dtype(vector_elt(fields, 1), 0);
  if (whole && vector_elt(fields, 2) != R_NilValue) {
    SEXP order = vector_elt(fields, 2);
    whole = is_string(order) && (same_text(order, {"C"}) || same_text(order, {"F"}));
  }
  if (!whole) {
    refuse(ErrorKind::value, "it has the class of a mark, but is not what ndarray() gave",
           "Mark the value anew.");
  }
  return borrowed_->anchor(fields);
}

// The dtype that a mark names, looked at by is_dtype().
Dtype marked_dtype(SEXP x) {
  if (TYPEOF(x) == STRSXP) return dtype_named(x);
  Dtype dtype;
  dtype.kind = Kind::structured;
  dtype.itemsize = 0;
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    numpy::Field field;
    field.name = utf8_of(string_elt(names, i));
    field.dtype = marked_dtype(vector_elt(x, i));
    field.offset = dtype.itemsize;
    if (field.dtype.kind == Kind::object || field.dtype.itemsize == 0 ||
        field.dtype.itemsize > numpy::kMaxItemsize - dtype.itemsize) {
      throw Error(ErrorKind::value, "The field \"" + field.name +
                                        "\" of a structured dtype has no fixed size, or "
                                        "is too large.");
    }
    dtype.itemsize += field.dtype.itemsize;
    dtype.fields.push_back(std::move(field));
  }
  return dtype;
}

bool Encoder::is_fortran(SEXP order) const {
  if (order == R_NilValue) return flags_.fortran;
  return std::strcmp(CHAR(string_elt(order, 0)), "F") == 0;
}

// ndarray(x, dtype, order) of what is no list
Encoder::Encoded Encoder::ndarray(SEXP x, SEXP fields) {
  const Dtype dtype = marked_dtype(vector_elt(fields, 1));
  const bool fortran = is_fortran(vector_elt(fields, 2));
  if (dtype.kind == Kind::object) {
    if (TYPEOF(x) != STRSXP) {
      refuse(ErrorKind::value, "an array of objects is made of a list or of strings");
    }
    Encoded out = character(x, Rf_getAttrib(x, R_DimSymbol));
    if (recipe_.tree[out.value].tag != pickle::Tag::array) {
      NewArray array;
      array.dtype = dtype;
      array.shape = shape_of(x);
      array.objects = out.value;
      out.value = add_array(std::move(array)).value;
    }
    NewArray& array = recipe_.arrays.back();
    array.fortran = fortran && array.shape.size() > 1;
    return out;
  }
  // A view's own dtype: what R cannot show comes along.
  const View* view = own_view(x);
  if (view && file_array(*view).dtype == dtype) return copy(x, *view, fortran);
  return add_array(elements(x, dtype, true, fortran != flags_.reversed, subject()),
                   fortran);
}

Encoder::Elements Encoder::elements(SEXP x, const Dtype& dtype, bool maskable,
                                    bool in_r_order, const std::string& subject,
                                    bool plain) {
  if (dtype.kind == Kind::raw) return void_elements(x, dtype, in_r_order, subject);
  Elements out;
  out.dtype = dtype;
  out.dims = shape_of(x);
  std::vector<Bytes>& strings = borrowed_->strings.emplace_back();
  const numpy::RValues values = r_values(x, strings, borrowed_->kept, plain);
  if (is_text(dtype) && dtype.itemsize == 0) {
    out.dtype.itemsize = longest(dtype, strings);
  }
  const numpy::Check check = check_fit(out.dtype, values, false);
  const bool masked = maskable && check.misfit == numpy::Misfit::missing;
  if (check.misfit != numpy::Misfit::none) {
    check_values(out.dtype, values, masked, subject);
  }
  out.data = array_source(out.dtype, out.dims, in_r_order, values);
  if (masked) out.mask = array_source(out.dtype, out.dims, in_r_order, values, true);
  return out;
}

// A raw array, whose first dimension are the bytes of an item, as V is read; without dim
// it is one item.
Encoder::Elements Encoder::void_elements(SEXP x, const Dtype& dtype, bool in_r_order,
                                         const std::string& subject) const {
  Elements out;
  out.dims = shape_of(x);
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
  out.data = copy_source(items, in_r_order);
  return out;
}

// empty_ndarray(dim, dtype, order)
Encoder::Encoded Encoder::stub(SEXP fields) {
  NewArray array;
  array.dtype = marked_dtype(vector_elt(fields, 1));
  if (array.dtype.kind == Kind::object || array.dtype.itemsize == 0) {
    refuse(ErrorKind::value, "a stub of this dtype has no values");
  }
  SEXP dim = vector_elt(fields, 0);
  constexpr double kTooLong = 9223372036854775808.0;  // 2^63
  bool fits =
      TYPEOF(dim) == REALSXP && Rf_xlength(dim) <= static_cast<R_xlen_t>(numpy::kMaxRank);
  const auto* extents = static_cast<const double*>(read_pointer(dim));
  for (R_xlen_t i = 0; fits && i < Rf_xlength(dim); ++i) {
    fits =
        extents[i] >= 0 && extents[i] < kTooLong && extents[i] == std::floor(extents[i]);
    if (fits) array.shape.push_back(static_cast<std::uint64_t>(extents[i]));
  }
  if (!fits) refuse(ErrorKind::value, "these are no dimensions of an array");
  if (flags_.reversed) std::reverse(array.shape.begin(), array.shape.end());
  array.fortran = is_fortran(vector_elt(fields, 2)) && array.shape.size() > 1;
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
