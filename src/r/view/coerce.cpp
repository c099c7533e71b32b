// Views as vectors of another type: arithmetic that mixes types begins so, and R's own
// way asks for the elements one by one.
#include <algorithm>
#include <climits>
#include <cmath>

#include "r/new_vector.h"
#include "r/vector.h"
#include "r/view/access.h"

namespace mmappickle {

namespace {

// The view's elements, From, each as convert() makes a To of it. NULL where that is false
// of one: R is to do it.
template <class From, class To, class Convert>
SEXP converted(SEXP x, SEXPTYPE type, Convert convert) {
  View* view = live_view(x);
  if (view == nullptr) return nullptr;
  SEXP result = PROTECT(new_vector(type, static_cast<R_xlen_t>(view->count)));
  To* to = static_cast<To*>(data_pointer(result));
  const bool all = shield([=] {
    constexpr std::uint64_t kChunk = 1024;
    From chunk[kChunk];
    for (std::uint64_t begin = 0; begin < view->count; begin += kChunk) {
      const std::uint64_t n = std::min(kChunk, view->count - begin);
      read_next(*view, begin, n, chunk);
      bool fit = true;
      for (std::uint64_t k = 0; k < n; ++k) fit &= convert(chunk[k], to[begin + k]);
      if (!fit) return false;
    }
    return true;
  });
  check_current(*view);
  if (all) SHALLOW_DUPLICATE_ATTRIB(result, x);  // R has done it itself since 4.3
  UNPROTECT(1);
  return all ? result : nullptr;
}

}  // namespace

// Logicals and integers as doubles.
SEXP as_doubles(SEXP x, int type) {
  if (type != REALSXP) return nullptr;
  const double missing = NA_REAL;
  return converted<int, double>(x, REALSXP, [missing](int from, double& to) {
    to = from == numpy::kNaInteger ? missing : from;
    return true;
  });
}

// Doubles as integers; of what does not fit R warns.
SEXP as_integers(SEXP x, int type) {
  if (type != INTSXP) return nullptr;
  return converted<double, int>(x, INTSXP, [](double from, int& to) {
    constexpr double kLargest = INT_MAX;
    const bool missing = std::isnan(from), fits = std::fabs(from) <= kLargest;
    to = fits ? static_cast<int>(from) : numpy::kNaInteger;
    return missing || fits;
  });
}

}  // namespace mmappickle
