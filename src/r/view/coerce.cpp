// Views as vectors of another type: arithmetic that mixes types begins so, and R's own
// way asks for the elements one by one.
#include <algorithm>

#include "r/new_vector.h"
#include "r/view/access.h"

namespace mmappickle {

// Logicals and integers as doubles. NULL: R is to do it.
SEXP as_doubles(SEXP x, int type) {
  View* view = live_view(x);
  if (view == nullptr || type != REALSXP) return nullptr;
  SEXP result = PROTECT(new_vector(REALSXP, static_cast<R_xlen_t>(view->count)));
  double* to = REAL(result);
  const double missing = NA_REAL;
  shield([=] {
    constexpr std::uint64_t kChunk = 1024;
    int chunk[kChunk];
    for (std::uint64_t begin = 0; begin < view->count; begin += kChunk) {
      const std::uint64_t n = std::min(kChunk, view->count - begin);
      read_next(*view, begin, n, chunk);
      for (std::uint64_t k = 0; k < n; ++k) {
        to[begin + k] = chunk[k] == numpy::kNaInteger ? missing : chunk[k];
      }
    }
  });
  check_current(*view);
  SHALLOW_DUPLICATE_ATTRIB(result, x);  // R has done it itself since 4.3
  UNPROTECT(1);
  return result;
}

}  // namespace mmappickle
