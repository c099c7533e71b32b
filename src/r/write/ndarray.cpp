#include "r/write/ndarray.h"

#include <cmath>
#include <set>

#include "r/text.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/list.h"
#include "r/write/structured.h"
#include "r/write/text.h"
#include "r/write/time.h"
#include "r/write/view.h"

namespace mmappickle::write {

using numpy::Dtype;
using numpy::Kind;

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
                numpy::dtype_hint(text));
  }
  return dtype;
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
  std::set<std::string> seen;  // no hash whose collisions a file could choose
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP name = string_elt(names, i);
    if (name == NA_STRING || LENGTH(name) == 0 || !seen.insert(utf8_of(name)).second ||
        !is_dtype(vector_elt(x, i), depth + 1)) {
      return false;
    }
  }
  return true;
}

// The attribute that names the extents of a stub. Whether it fits them is looked at when
// it is read, as of all R metadata.
bool are_names(SEXP attributes) {
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  return TYPEOF(attributes) == VECSXP &&
         (same_text(names, {"dimnames"}) || same_text(names, {"names"}));
}

// Of a growing stub: rows that there is room for beside its own, and whether it is
// masked.
bool is_growth(SEXP x) {
  if (TYPEOF(x) != REALSXP || Rf_xlength(x) != 2) return false;
  const auto* growth = static_cast<const double*>(read_pointer(x));
  return growth[0] >= 0 && growth[0] <= INT32_MAX && growth[0] == std::floor(growth[0]);
}

// The fields of what ndarray() and empty_ndarray() gave (R/ndarray.R), or what calls
// itself so: the value or (`first`) the dimensions, the dtype, the order.
SEXP mark_fields(Context& context, SEXP x, const char* first) {
  SEXP fields = Rf_getAttrib(x, Rf_install("fields"));
  SEXP names = Rf_getAttrib(fields, R_NamesSymbol);
  bool whole = TYPEOF(fields) == VECSXP &&
               (same_text(names, {first, "dtype", "order"}) ||
                (same_text(names, {"dim", "dtype", "order", "names"}) &&
                 are_names(vector_elt(fields, 3))) ||
                (same_text(names, {"dim", "dtype", "order", "growth"}) &&
                 is_growth(vector_elt(fields, 3)))) &&
               is_dtype(vector_elt(fields, 1), 0);
  if (whole && vector_elt(fields, 2) != R_NilValue) {
    SEXP order = vector_elt(fields, 2);
    whole = is_string(order) && (same_text(order, {"C"}) || same_text(order, {"F"}));
  }
  if (!whole) {
    context.refuse(ErrorKind::value,
                   "it has the class of a mark, but is not what ndarray() gave",
                   "Mark the value anew.");
  }
  return context.keep(fields);
}

}  // namespace

Mark mark_of(Context& context, SEXP x) {
  Mark mark;
  if (!Rf_isObject(x)) return mark;
  const bool stub = Rf_inherits(x, "empty_ndarray");
  if (!stub && !Rf_inherits(x, "ndarray")) return mark;
  SEXP fields = mark_fields(context, x, stub ? "dim" : "x");
  mark.x = vector_elt(fields, 0);
  mark.dtype = vector_elt(fields, 1);
  SEXP order = vector_elt(fields, 2);
  mark.fortran = order == R_NilValue ? context.flags.fortran : same_text(order, {"F"});
  if (stub && Rf_xlength(fields) == 4) {
    SEXP last = vector_elt(fields, 3);
    (TYPEOF(last) == REALSXP ? mark.growth : mark.names) = last;
  }
  mark.kind = stub                           ? Mark::Type::stub
              : TYPEOF(mark.dtype) == VECSXP ? Mark::Type::structured
              : TYPEOF(mark.x) == VECSXP     ? Mark::Type::objects
                                             : Mark::Type::array;
  if (mark.kind != Mark::Type::objects) return mark;
  const bool classed = Rf_isObject(mark.x) && !Rf_inherits(mark.x, "AsIs");
  if (classed || marked_dtype(mark.dtype).kind != Kind::object) {
    context.refuse(ErrorKind::value, "a list of this kind has no dtype",
                   "Lists are stored as \"object\", columns by a named dtype.");
  }
  return mark;
}

// The dtype that a mark names, checked by is_dtype().
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

namespace {

Encoded encode_marked(Context& context, const Mark& mark) {
  SEXP x = mark.x;
  const Dtype dtype = marked_dtype(mark.dtype);
  if (dtype.kind == Kind::object) {
    if (TYPEOF(x) != STRSXP) {
      context.refuse(ErrorKind::value,
                     "an array of objects is made of a list or of strings");
    }
    return encode_string_objects(context, x, mark.fortran);
  }
  // A view's own dtype: what R cannot show comes along.
  const View* view = whole_view(x);
  if (view && file_array(*view).dtype == dtype) {
    return copy_view(context, x, *view, mark.fortran);
  }
  return encode_array(context, x, dtype, mark.fortran);
}

// empty_ndarray(dim, dtype, order)
Encoded encode_stub(Context& context, const Mark& mark) {
  numpy::Elements elements;
  elements.dtype = marked_dtype(mark.dtype);
  if (elements.dtype.kind == Kind::object || elements.dtype.itemsize == 0) {
    context.refuse(ErrorKind::value, "a stub of this dtype has no values");
  }
  SEXP dim = mark.x;
  constexpr double kTooLong = 9223372036854775808.0;  // 2^63
  bool fits =
      TYPEOF(dim) == REALSXP && Rf_xlength(dim) <= static_cast<R_xlen_t>(numpy::kMaxRank);
  const auto* extents = static_cast<const double*>(read_pointer(dim));
  for (R_xlen_t i = 0; fits && i < Rf_xlength(dim); ++i) {
    fits =
        extents[i] >= 0 && extents[i] < kTooLong && extents[i] == std::floor(extents[i]);
    if (fits) elements.dims.push_back(static_cast<std::uint64_t>(extents[i]));
  }
  if (!fits) context.refuse(ErrorKind::value, "these are no dimensions of an array");
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  if (!numpy::contiguous_strides(elements.dims, elements.dtype.itemsize, false, strides,
                                 bytes) ||
      bytes > static_cast<std::uint64_t>(INT64_MAX) / 2) {
    throw Error(ErrorKind::limit, "The stub has more bytes than a file can have.");
  }
  elements.data = hole_source(bytes);
  if (mark.growth == R_NilValue) {
    return add_array(context,
                     new_array(std::move(elements), context.layout(mark.fortran)));
  }
  const auto* growth = static_cast<const double*>(read_pointer(mark.growth));
  if (growth[1] != 0) {
    const std::uint64_t items = bytes / elements.dtype.itemsize;
    elements.mask = hole_source(items * numpy::mask_itemsize(elements.dtype));
  }
  numpy::NewArray array = new_array(std::move(elements), context.layout(false));
  array.grows = !array.shape.empty();
  array.room = static_cast<std::uint64_t>(growth[0]);
  return add_array(context, std::move(array));
}

}  // namespace

Plan plan_marked(Context& context, const Mark& mark, SEXP attributes) {
  switch (mark.kind) {
    case Mark::Type::stub:
      return plan_of(R_NilValue,
                     [&context, mark](SEXP) { return encode_stub(context, mark); });
    case Mark::Type::structured:
      return plan_of(R_NilValue, [&context, mark](SEXP) {
        return encode_structured(context, mark.x, mark.dtype, mark.fortran);
      });
    case Mark::Type::objects:
      return plan_objects(context, mark.x, attributes, mark.fortran);
    default: {
      Plan plan = plan_of(
          mark.x, [&context, mark](SEXP) { return encode_marked(context, mark); });
      // the dtype's business
      plan.ignored = time_attributes(meaning_of(mark.x));
      plan.ignored.push_back("class");
      return plan;
    }
  }
}

}  // namespace mmappickle::write
