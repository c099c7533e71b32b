// Python objects that are made, not read; see R/python_object.R.
#include "enter.h"
#include "r/build.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/write/call.h"

// [[Rcpp::export(rng = false)]]
SEXP call_pickle(SEXP callable, SEXP how, SEXP parts) {
  using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp
  return enter([&] {
    const std::string bytes = pickle_of_call(utf8_of(string_elt(callable, 0)),
                                             utf8_of(string_elt(how, 0)), parts);
    return protect([&] { return raw_of(mmappickle::Bytes(bytes)); });
  });
}
