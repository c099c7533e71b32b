// The left-hand side of nested assignments; see R/lhs.R.
#include "array_entry.h"
#include "elements.h"
#include "values.h"
#include "views.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// A mutable view of an array entry, of class mmappickle_lhs; NULL for any other entry.
// [[Rcpp::export(rng = false)]]
SEXP lhs_view(SEXP ptr, SEXP key, int flags, SEXP companion) {
  return enter([&]() -> SEXP {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    SEXP view = read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      if (!array_of(loaded, Flags(flags)).is_array) return R_NilValue;
      return decode(loaded, handle.store->path(), name, Flags(flags), R_NilValue,
                    warnings, true);
    });
    Rcpp::Shield<SEXP> kept(view);
    if (!view_of(view)) return R_NilValue;
    protect([&] {
      set_companion(view, companion);
      SEXP old = Rf_getAttrib(view, R_ClassSymbol);
      const R_xlen_t n = Rf_xlength(old);
      SEXP classes = PROTECT(Rf_allocVector(STRSXP, n + 1));
      SET_STRING_ELT(classes, 0, Rf_mkChar("mmappickle_lhs"));
      for (R_xlen_t i = 0; i < n; ++i) SET_STRING_ELT(classes, i + 1, string_elt(old, i));
      Rf_setAttrib(view, R_ClassSymbol, classes);
      UNPROTECT(1);
      return R_NilValue;
    });
    return view;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP lhs_companion(SEXP x) { return view_of(x) ? companion_of(x) : R_NilValue; }
