// Hints for arguments; see R/arguments.R.
#include "core/base/nearest.h"
#include "enter.h"
#include "r/build.h"
#include "r/text.h"
#include "r/vector.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// "Did you mean ..?", or "".
// [[Rcpp::export(rng = false)]]
SEXP nearest_hint(SEXP given, SEXP choices) {
  return enter([&] {
    Nearest nearest(utf8_of(string_elt(given, 0)));
    for (R_xlen_t i = 0; i < Rf_xlength(choices); ++i) {
      nearest.look(utf8_of(string_elt(choices, i)));
    }
    const std::string hint = nearest.hint();
    return protect([&] { return one_text(hint); });
  });
}
