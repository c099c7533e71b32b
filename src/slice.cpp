// Slices; see R/slice.R.
#include "r/slice/slice.h"

#include "enter.h"
#include "r/call.h"
#include "r/own.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// With the key and the file in what goes wrong.
template <class Body>
SEXP enter_slice(SEXP m, SEXP key, SEXP subs, SEXP flags, SEXP expected, Body&& body) {
  return enter([&] {
    const Own own = own_of(m);
    const Shield pointer(own.pointer);
    const Flags asked_flags =
        flags == R_NilValue ? own.flags : Flags(Rf_asInteger(flags));
    const Asked asked(pointer, key, subs, asked_flags, expected);
    try {
      return body(asked);
    } catch (Error& error) {
      if (error.key.empty()) error.key = asked.name;
      if (error.path.empty()) error.path = asked.handle.store->path();
      throw;
    }
  });
}

// A flag as R code gave it; what is none R says.
bool true_or_false(SEXP x, const char* name) {
  if (TYPEOF(x) != LGLSXP || Rf_xlength(x) != 1 || Rf_asLogical(x) == NA_LOGICAL) {
    x = protect([&] {
      SEXP of = PROTECT(Rf_mkString(name));
      SEXP flag = call_own("true_or_false", {x, of});
      UNPROTECT(1);
      return flag;
    });
  }
  return Rf_asLogical(x) == TRUE;
}

}  // namespace

// `subs`: as subscripts() gives them. `flags`: NULL for those of the handle. `expected`:
// NULL, or the extents that the array must have.
// [[Rcpp::export(rng = false)]]
SEXP slice_read(SEXP m, SEXP key, SEXP subs, SEXP drop, SEXP flags, SEXP expected) {
  return enter_slice(m, key, subs, flags, expected, [&](const Asked& asked) {
    return read_slice(asked, true_or_false(drop, "drop"));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP slice_write(SEXP m, SEXP key, SEXP subs, SEXP value, SEXP expected, bool single) {
  return enter_slice(m, key, subs, R_NilValue, expected, [&](const Asked& asked) {
    write_slice(asked, value, single);
    return R_NilValue;
  });
}
