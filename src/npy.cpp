// NumPy's array files; see R/npy.R.
#include "r/read/npy.h"

#include "core/store/array_file.h"
#include "enter.h"
#include "r/text.h"
#include "r/write/write.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// [[Rcpp::export(rng = false)]]
SEXP npy_read(SEXP source, int flags, SEXP readers) {
  return enter([&] { return read_npy(source, Flags(flags), readers); });
}

// [[Rcpp::export(rng = false)]]
SEXP npz_read(SEXP source, int flags, SEXP readers) {
  return enter([&] { return read_npz(source, Flags(flags), readers); });
}

// `x`: what ndarray() marked.
// [[Rcpp::export(rng = false)]]
SEXP npy_write(SEXP x, SEXP path, int flags) {
  return enter([&] {
    Warnings warnings;
    const numpy::StoredValue stored_value = encode(x, Flags(flags), warnings, "x");
    store::write_npy(system_path(path), stored_value, poll_interrupt);
    raise_warnings(warnings);
    return R_NilValue;
  });
}
