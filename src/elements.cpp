#include "elements.h"

namespace mmappickle {

const void* read_pointer(SEXP x) {
  const void* p = nullptr;
  protect([&] {
    switch (TYPEOF(x)) {
      case LGLSXP:
        p = LOGICAL_RO(x);
        break;
      case INTSXP:
        p = INTEGER_RO(x);
        break;
      case REALSXP:
        p = REAL_RO(x);
        break;
      case CPLXSXP:
        p = COMPLEX_RO(x);
        break;
      case RAWSXP:
        p = RAW_RO(x);
        break;
      case STRSXP:
        p = STRING_PTR_RO(x);
        break;
      default:
        break;
    }
    return R_NilValue;
  });
  return p;
}

}  // namespace mmappickle
