// What users ask of views: is_view(), view_info(), materialize().
#include "glue.h"
#include "views.h"

using namespace mmappickle;  // the functions here are R's

namespace {

Rcpp::RObject text(const std::string& s) {
  return protect([&] { return Rf_ScalarString(r_text(mmappickle::Bytes(s))); });
}
Rcpp::RObject path(const std::string& s) {
  return protect([&] { return Rf_ScalarString(r_path(s)); });
}

}  // namespace

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
    using Rcpp::Named;
    return Rcpp::List::create(
        Named("path") = path(view->path), Named("key") = text(view->key),
        Named("offset") = static_cast<double>(view->offset),
        Named("dtype") = text(numpy::text(array.dtype)),
        Named("shape") = Rcpp::NumericVector(array.shape.begin(), array.shape.end()),
        Named("order") = array.f_order() && !array.c_order() ? "F" : "C",
        Named("zero_copy") = view->pointer != nullptr,
        Named("materialized") = is_materialized(x),
        Named("mapped_bytes") = static_cast<double>(array.count()) *
                                static_cast<double>(array.dtype.itemsize));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP view_materialize(SEXP x) {
  return enter([&] { return materialize(x); });
}

// The warnings that views have noted; no errors, hence no enter().
// [[Rcpp::export(rng = false)]]
SEXP views_noted() {
  raise_noted();
  return R_NilValue;
}
