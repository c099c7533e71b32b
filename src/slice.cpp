// Slices; see R/slice.R.
#include "r/slice/slice.h"

#include "enter.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// With the key and the file in what goes wrong.
template <class Body>
SEXP enter_slice(SEXP ptr, SEXP key, SEXP subs, int flags, SEXP expected, Body&& body) {
  return enter([&] {
    const Asked asked(ptr, key, subs, flags, expected);
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

// `subs`: as subscripts() gives them. `expected`: NULL, or the extents that the array
// must have.
// [[Rcpp::export(rng = false)]]
SEXP slice_read(SEXP ptr, SEXP key, SEXP subs, bool drop, int flags, SEXP expected) {
  return enter_slice(ptr, key, subs, flags, expected,
                     [&](const Asked& asked) { return read_slice(asked, drop); });
}

// [[Rcpp::export(rng = false)]]
SEXP slice_write(SEXP ptr, SEXP key, SEXP subs, SEXP value, int flags, SEXP expected,
                 bool single) {
  return enter_slice(ptr, key, subs, flags, expected, [&](const Asked& asked) {
    write_slice(asked, value, single);
    return R_NilValue;
  });
}
