#include "r/new_vector.h"

#include "core/os/pages.h"
#include "r/vector.h"

namespace mmappickle {

SEXP new_vector(SEXPTYPE type, R_xlen_t n) {
  SEXP x = Rf_allocVector(type, n);
  if (type == STRSXP || n == 0) return x;
  const std::uint64_t size = type == RAWSXP    ? 1
                             : type == REALSXP ? sizeof(double)
                             : type == CPLXSXP ? sizeof(Rcomplex)
                                               : sizeof(int);
  os::expect_filling(data_pointer(x), static_cast<std::uint64_t>(n) * size);
  return x;
}

}  // namespace mmappickle
