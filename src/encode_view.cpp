// Views on their way back to a file: their bytes are copied as they are.
#include <cstring>

#include "encode.h"

namespace mmappickle {

using numpy::Meaning;
using numpy::NewArray;
using numpy::RType;

namespace {

bool same_text(SEXP x, std::initializer_list<const char*> texts) {
  if (texts.size() == 0) return x == R_NilValue;
  if (TYPEOF(x) != STRSXP || Rf_xlength(x) != static_cast<R_xlen_t>(texts.size())) {
    return false;
  }
  R_xlen_t i = 0;
  for (const char* text : texts) {
    if (std::strcmp(CHAR(STRING_ELT(x, i++)), text) != 0) return false;
  }
  return true;
}

// Class, units and time zone are those that the dtype gives.
bool has_own_class(SEXP x, const View& view) {
  numpy::Choice choice;
  choice.exact_int64 = view.type == RType::integer64;
  choice.raw_uint8 = view.type == RType::raw;
  numpy::Target target;
  if (!target_of(view.array.dtype, choice, target)) return false;
  SEXP classes = Rf_getAttrib(x, R_ClassSymbol);
  switch (target.meaning) {
    case Meaning::date:
      return same_text(classes, {"Date"});
    case Meaning::datetime:
      return same_text(classes, {"POSIXct", "POSIXt"}) &&
             same_text(Rf_getAttrib(x, Rf_install("tzone")), {"UTC"});
    case Meaning::difftime:
      return same_text(classes, {"difftime"}) &&
             same_text(Rf_getAttrib(x, Rf_install("units")), {target.units});
    default:
      return target.type == RType::integer64 ? same_text(classes, {"integer64"})
                                             : same_text(classes, {});
  }
}

}  // namespace

const View* Encoder::own_view(SEXP x) const {
  const View* view = view_of(x);
  if (!view || !has_own_class(x, *view)) return nullptr;
  if (view->array.shape.size() > 1 ? shape_of(x) != view->array.shape
                                   : Rf_getAttrib(x, R_DimSymbol) != R_NilValue) {
    return nullptr;
  }
  if (TYPEOF(x) == RAWSXP && view->array.shape.size() <= 1) return nullptr;  // bytes
  return view;
}

// A view goes from file to file as it is: dtype, order, mask. False if x is none, or has
// a class or a shape of its own by now.
bool Encoder::view(SEXP x, Encoded& out) {
  const View* view = own_view(x);
  if (!view) return false;
  numpy::Array array = flags_.reversed ? view->array.reversed() : view->array;
  if (is_materialized(x)) {
    const bool fortran = array.f_order() && !array.c_order();
    out = as_array(x, array.dtype, array.masked, fortran);
    return true;
  }
  NewArray copy;
  copy.dtype = array.dtype;
  copy.shape = array.shape;
  copy.fortran = array.f_order() && !array.c_order();
  copy.data = copy_source(array, copy.fortran);
  if (array.masked) copy.mask = copy_source(array, copy.fortran, true);
  out = add_array(std::move(copy));
  if (view->type == RType::raw) out.meta = recipe_.tree.text("raw");
  return true;
}

}  // namespace mmappickle
