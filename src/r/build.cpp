#include "r/build.h"

#include <cstring>

#include "r/text.h"
#include "r/vector.h"

namespace mmappickle {

SEXP raw_of(Bytes bytes) {
  SEXP raw = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(bytes.size));
  if (bytes.size) std::memcpy(RAW(raw), bytes.data, bytes.size);
  return raw;
}

SEXP with_class(SEXP x, std::initializer_list<const char*> classes) {
  PROTECT(x);
  SEXP cls = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(classes.size())));
  R_xlen_t i = 0;
  for (const char* c : classes) SET_STRING_ELT(cls, i++, Rf_mkChar(c));
  Rf_setAttrib(x, R_ClassSymbol, cls);
  UNPROTECT(2);
  return x;
}

void set_meaning(SEXP x, numpy::RType type, numpy::Meaning meaning, const char* units) {
  PROTECT(x);
  if (type == numpy::RType::integer64) {
    with_class(x, {"integer64"});
  } else if (meaning == numpy::Meaning::date) {
    with_class(x, {"Date"});
  } else if (meaning == numpy::Meaning::datetime) {
    with_class(x, {"POSIXct", "POSIXt"});
    Rf_setAttrib(x, Rf_install("tzone"), PROTECT(Rf_mkString(*units ? units : "UTC")));
    UNPROTECT(1);
  } else if (meaning == numpy::Meaning::difftime) {
    with_class(x, {"difftime"});
    Rf_setAttrib(x, Rf_install("units"), PROTECT(Rf_mkString(units)));
    UNPROTECT(1);
  }
  UNPROTECT(1);
}

void set_dim(SEXP value, const numpy::Shape& shape) {
  SEXP dim = PROTECT(Rf_allocVector(INTSXP, static_cast<R_xlen_t>(shape.size())));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    INTEGER(dim)[i] = static_cast<int>(shape[i]);
  }
  Rf_setAttrib(value, R_DimSymbol, dim);
  UNPROTECT(1);
}

void make_data_frame(SEXP columns, std::uint64_t count) {
  if (count > INT32_MAX) return;  // R's row names end there
  SEXP rows = PROTECT(Rf_allocVector(INTSXP, 2));
  INTEGER(rows)[0] = NA_INTEGER;
  INTEGER(rows)[1] = -static_cast<int>(count);
  Rf_setAttrib(columns, R_RowNamesSymbol, rows);
  Rf_setAttrib(columns, R_ClassSymbol, PROTECT(Rf_mkString("data.frame")));
  UNPROTECT(2);
}

SEXP reversed(SEXP x) {
  const R_xlen_t n = Rf_xlength(x);
  SEXP out = PROTECT(Rf_allocVector(TYPEOF(x), n));
  for (R_xlen_t i = 0; i < n; ++i) {
    if (TYPEOF(x) == VECSXP) {
      SET_VECTOR_ELT(out, i, VECTOR_ELT(x, n - 1 - i));
    } else if (TYPEOF(x) == STRSXP) {
      SET_STRING_ELT(out, i, STRING_ELT(x, n - 1 - i));
    } else {
      INTEGER(out)[i] = INTEGER_ELT(x, n - 1 - i);
    }
  }
  DUPLICATE_ATTRIB(out, x);
  SEXP names = Rf_getAttrib(x, R_NamesSymbol);
  if (TYPEOF(names) == STRSXP) {
    Rf_setAttrib(out, R_NamesSymbol, PROTECT(reversed(names)));
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return out;
}

SEXP one_text(std::string_view s) { return Rf_ScalarString(r_text(Bytes(s))); }

SEXP extents(const numpy::Shape& shape) {
  SEXP x = Rf_allocVector(REALSXP, static_cast<R_xlen_t>(shape.size()));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    REAL(x)[i] = static_cast<double>(shape[i]);
  }
  return x;
}

void set_text(SEXP x, R_xlen_t i, std::string_view s) {
  SET_STRING_ELT(x, i, s.empty() ? NA_STRING : r_text(Bytes(s)));
}

}  // namespace mmappickle
