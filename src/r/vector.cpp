#include "r/vector.h"

namespace mmappickle {

int sexp_type(numpy::RType type) {
  switch (type) {
    case numpy::RType::logical:
      return LGLSXP;
    case numpy::RType::integer:
      return INTSXP;
    case numpy::RType::complex:
      return CPLXSXP;
    case numpy::RType::raw:
      return RAWSXP;
    case numpy::RType::string:
      return STRSXP;
    default:
      return REALSXP;
  }
}

numpy::RType r_type(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
      return numpy::RType::logical;
    case INTSXP:
      return numpy::RType::integer;
    case CPLXSXP:
      return numpy::RType::complex;
    case RAWSXP:
      return numpy::RType::raw;
    case STRSXP:
      return numpy::RType::string;
    default:
      return Rf_inherits(x, "integer64") ? numpy::RType::integer64 : numpy::RType::real;
  }
}

void* data_pointer(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
      return LOGICAL(x);
    case INTSXP:
      return INTEGER(x);
    case REALSXP:
      return REAL(x);
    case CPLXSXP:
      return COMPLEX(x);
    default:
      return RAW(x);
  }
}

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
