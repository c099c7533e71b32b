// Slices; see R/slice.R.
#include "r/slice/slice.h"

#include "enter.h"
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

}  // namespace

// `subs`: as subscripts() gives them. `flags`: NULL for those of the handle. `expected`:
// NULL, or the extents that the array must have.
// [[Rcpp::export(rng = false)]]
SEXP slice_read(SEXP m, SEXP key, SEXP subs, bool drop, SEXP flags, SEXP expected) {
  return enter_slice(m, key, subs, flags, expected,
                     [&](const Asked& asked) { return read_slice(asked, drop); });
}

// [[Rcpp::export(rng = false)]]
SEXP slice_write(SEXP m, SEXP key, SEXP subs, SEXP value, SEXP expected, bool single) {
  return enter_slice(m, key, subs, R_NilValue, expected, [&](const Asked& asked) {
    write_slice(asked, value, single);
    return R_NilValue;
  });
}
