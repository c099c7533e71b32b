#include "r/vector.h"

#include <Rversion.h>

namespace mmappickle {

R_xlen_t attribute_count(SEXP x) {
#if R_VERSION >= R_Version(4, 6, 0)
  return R_getAttribCount(x);
#else
  R_xlen_t n = 0;
  for (SEXP cell = ATTRIB(x); cell != R_NilValue; cell = CDR(cell)) ++n;
  return n;
#endif
}

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

namespace {

const void* pointer_of(SEXP x) {
  switch (TYPEOF(x)) {
    case LGLSXP:
      return LOGICAL_RO(x);
    case INTSXP:
      return INTEGER_RO(x);
    case REALSXP:
      return REAL_RO(x);
    case CPLXSXP:
      return COMPLEX_RO(x);
    case RAWSXP:
      return RAW_RO(x);
    case STRSXP:
      return STRING_PTR_RO(x);
    default:
      return nullptr;
  }
}

}  // namespace

const void* read_pointer(SEXP x) {
  if (!ALTREP(x)) return pointer_of(x);
  const void* p = nullptr;
  protect([&] {
    p = pointer_of(x);
    return R_NilValue;
  });
  return p;
}

}  // namespace mmappickle
