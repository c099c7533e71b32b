#include "r/trusted_classes.h"

#include <cstring>

#include "r/vector.h"

namespace mmappickle {

using metadata::ClassKind;

bool has_class(SEXP classes, const char* name) {
  if (TYPEOF(classes) != STRSXP) return false;
  for (R_xlen_t i = 0; i < Rf_xlength(classes); ++i) {
    if (std::strcmp(CHAR(string_elt(classes, i)), name) == 0) return true;
  }
  return false;
}

Restored restored_class(SEXP classes, metadata::Trust trust) {
  Restored restored = Restored::yes;
  for (R_xlen_t i = 0; i < Rf_xlength(classes); ++i) {
    const ClassKind kind = metadata::kind_of_class(CHAR(string_elt(classes, i)));
    if (kind == ClassKind::mark) return Restored::no;
    if (!metadata::restores(trust, kind)) restored = Restored::inert;
  }
  // S4's is() and dispatch load the package that a class names so.
  const bool names_package = Rf_getAttrib(classes, Rf_install("package")) != R_NilValue;
  return names_package && trust != metadata::Trust::all ? Restored::inert : restored;
}

SEXP inert_class_symbol() {
  static SEXP symbol = Rf_install(metadata::kInertClass);
  return symbol;
}

namespace {

// A value may have a natural class beside the inert one, which then names it, too
// (c("citation", "Date")): any other is the user's, and the last word.
bool is_inert(SEXP inert, SEXP classes) {
  if (TYPEOF(inert) != STRSXP || Rf_xlength(inert) == 0) return false;
  if (classes == R_NilValue) return true;
  for (R_xlen_t i = 0; i < Rf_xlength(classes); ++i) {
    if (!has_class(inert, CHAR(string_elt(classes, i)))) return false;
  }
  return true;
}

}  // namespace

SEXP named_class(SEXP x) {
  SEXP inert = Rf_getAttrib(x, inert_class_symbol());
  SEXP classes = Rf_getAttrib(x, R_ClassSymbol);
  return is_inert(inert, classes) ? inert : classes;
}

void drop_class(SEXP x) {
  Rf_setAttrib(x, R_ClassSymbol, R_NilValue);
  Rf_setAttrib(x, inert_class_symbol(), R_NilValue);
}

SEXP with_named_class(SEXP attributes, SEXP x) {
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  R_xlen_t inert = -1, natural = -1;
  const R_xlen_t n = Rf_xlength(names);
  for (R_xlen_t i = 0; i < n; ++i) {
    const char* name = CHAR(string_elt(names, i));
    if (std::strcmp(name, metadata::kInertClass) == 0) inert = i;
    if (std::strcmp(name, "class") == 0) natural = i;
  }
  if (inert < 0) return attributes;
  if (natural < 0 && is_inert(vector_elt(attributes, inert), R_NilValue)) {
    SET_STRING_ELT(names, inert, PRINTNAME(R_ClassSymbol));
    return attributes;
  }
  if (natural >= 0) SET_VECTOR_ELT(attributes, natural, named_class(x));
  SEXP kept = PROTECT(Rf_allocVector(VECSXP, n - 1));
  SEXP kept_names = Rf_allocVector(STRSXP, n - 1);
  Rf_setAttrib(kept, R_NamesSymbol, kept_names);
  for (R_xlen_t i = 0, to = 0; i < n; ++i) {
    if (i == inert) continue;
    SET_STRING_ELT(kept_names, to, string_elt(names, i));
    SET_VECTOR_ELT(kept, to++, vector_elt(attributes, i));
  }
  UNPROTECT(1);
  return kept;
}

bool holds_code(SEXP list) {
  if (TYPEOF(list) != VECSXP) return false;
  for (R_xlen_t i = 0; i < Rf_xlength(list); ++i) {
    const int type = TYPEOF(vector_elt(list, i));
    if (type == SYMSXP || type == LANGSXP) return true;
  }
  return false;
}

}  // namespace mmappickle
