// What users ask of views: is_view(), view_info(), materialize().
#include "enter.h"
#include "r/text.h"
#include "r/view/pending.h"
#include "r/view/view.h"

using namespace mmappickle;  // the functions here are R's

// A question that never fails, whatever views have left to say: hence no enter().
// [[Rcpp::export(rng = false)]]
SEXP view_is(SEXP x) { return Rf_ScalarLogical(view_of(x) != nullptr); }

// What view_info() says, or NULL. shape and order are Python's, in whatever order R sees
// the axes; mapped_bytes are those of the file that the view shows.
// [[Rcpp::export(rng = false)]]
SEXP view_info_raw(SEXP x) {
  return enter([&]() -> SEXP {
    const View* view = view_of(x);
    if (view == nullptr) return R_NilValue;
    const numpy::Array array = file_array(*view);
    const std::string dtype = numpy::text(array.dtype);
    return protect([&] {
      const char* names[] = {"path",         "key",   "offset",    "dtype",
                             "shape",        "order", "zero_copy", "materialized",
                             "mapped_bytes", ""};
      SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(out, 0, Rf_ScalarString(r_path(view->path)));
      SET_VECTOR_ELT(out, 1, Rf_ScalarString(r_text(mmappickle::Bytes(view->key))));
      SET_VECTOR_ELT(out, 2, Rf_ScalarReal(static_cast<double>(view->offset)));
      SET_VECTOR_ELT(out, 3, Rf_mkString(dtype.c_str()));
      SEXP shape = Rf_allocVector(REALSXP, static_cast<R_xlen_t>(array.shape.size()));
      SET_VECTOR_ELT(out, 4, shape);
      std::copy(array.shape.begin(), array.shape.end(), REAL(shape));
      const bool fortran = array.f_order() && !array.c_order();
      SET_VECTOR_ELT(out, 5, Rf_mkString(fortran ? "F" : "C"));
      SET_VECTOR_ELT(out, 6, Rf_ScalarLogical(view->pointer != nullptr));
      SET_VECTOR_ELT(out, 7, Rf_ScalarLogical(is_materialized(x)));
      SET_VECTOR_ELT(out, 8,
                     Rf_ScalarReal(static_cast<double>(array.count()) *
                                   static_cast<double>(array.dtype.itemsize)));
      UNPROTECT(1);
      return out;
    });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP view_materialize(SEXP x) {
  return enter([&] { return materialize(x); });
}

// The warnings that views have noted; no errors, hence not enter().
// [[Rcpp::export(rng = false)]]
SEXP views_noted() {
  return let_jump([] {
    raise_noted();
    return R_NilValue;
  });
}
