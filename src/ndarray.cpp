// Names of dtypes; see R/ndarray.R.
#include "enter.h"
#include "r/build.h"
#include "r/info.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/write/kept.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// [[Rcpp::export(rng = false)]]
SEXP dtype_info(SEXP name) {
  return enter([&] {
    numpy::Dtype dtype;
    const std::string given = utf8_of(string_elt(name, 0));
    if (!parse_dtype(given, dtype)) {
      throw Error(ErrorKind::value,
                  "\"" + given + "\" is no dtype of NumPy that can be stored.",
                  numpy::dtype_hint(given));
    }
    const std::string canonical = numpy::text(dtype);
    numpy::Target target;
    const bool vector = target_of(dtype, numpy::Choice(), target);
    const char kind = static_cast<char>(dtype.kind);
    return protect([&] {
      const char* names[] = {"name", "itemsize", "kind", "type", ""};
      SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(out, 0, one_text(canonical));
      SET_VECTOR_ELT(out, 1, Rf_ScalarReal(static_cast<double>(dtype.itemsize)));
      SET_VECTOR_ELT(out, 2, one_text(std::string_view(&kind, 1)));
      SET_VECTOR_ELT(out, 3, vector ? Rf_mkString(type_of(target)) : R_NilValue);
      UNPROTECT(1);
      return out;
    });
  });
}

// The dtype of an array that a vector remembers to have been; else NULL.
// [[Rcpp::export(rng = false)]]
SEXP dtype_kept(SEXP x) {
  return enter([&] {
    const std::string dtype = write::kept_dtype(x);
    return protect([&] { return dtype.empty() ? R_NilValue : one_text(dtype); });
  });
}
