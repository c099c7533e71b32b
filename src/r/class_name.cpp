#include "r/class_name.h"

#include <R_ext/Altrep.h>

// data1: the ordinary character vector. Methods only pass on what it says.
namespace mmappickle {

namespace {

constexpr const char* kPackage = "mmappickle";
R_altrep_class_t name_class;

SEXP names_of(SEXP x) { return R_altrep_data1(x); }

R_xlen_t length(SEXP x) { return XLENGTH(names_of(x)); }
SEXP element(SEXP x, R_xlen_t i) { return STRING_ELT(names_of(x), i); }
void* data_pointer(SEXP x, Rboolean) {
  return const_cast<SEXP*>(STRING_PTR_RO(names_of(x)));
}
const void* data_pointer_or_null(SEXP x) { return STRING_PTR_RO(names_of(x)); }
void set_element(SEXP x, R_xlen_t i, SEXP value) {
  SET_STRING_ELT(names_of(x), i, value);
}
SEXP duplicate(SEXP x, Rboolean) { return own_class_name(names_of(x)); }

SEXP serialized(SEXP x) { return names_of(x); }
// The package may have been unloaded, its shared object is still there.
SEXP unserialized(SEXP, SEXP state) {
  R_FindNamespace(PROTECT(Rf_mkString(kPackage)));
  UNPROTECT(1);
  return TYPEOF(state) == STRSXP ? own_class_name(state) : Rf_allocVector(STRSXP, 0);
}

}  // namespace

void register_class_names(DllInfo* dll) {
  name_class = R_make_altstring_class("mmappickle_class", kPackage, dll);
  R_set_altrep_Length_method(name_class, length);
  R_set_altrep_Duplicate_method(name_class, duplicate);
  R_set_altrep_Serialized_state_method(name_class, serialized);
  R_set_altrep_Unserialize_method(name_class, unserialized);
  R_set_altvec_Dataptr_method(name_class, data_pointer);
  R_set_altvec_Dataptr_or_null_method(name_class, data_pointer_or_null);
  R_set_altstring_Elt_method(name_class, element);
  R_set_altstring_Set_elt_method(name_class, set_element);
}

// Of a copy, which nobody else can change.
SEXP own_class_name(SEXP names) {
  SEXP own = PROTECT(Rf_allocVector(STRSXP, XLENGTH(names)));
  for (R_xlen_t i = 0; i < XLENGTH(names); ++i) {
    SET_STRING_ELT(own, i, STRING_ELT(names, i));
  }
  SEXP out = R_new_altrep(name_class, own, R_NilValue);
  UNPROTECT(1);
  return out;
}

SEXP with_own_class(SEXP x, const char* name) {
  PROTECT(x);
  SEXP names = PROTECT(Rf_mkString(name));
  Rf_setAttrib(x, R_ClassSymbol, PROTECT(own_class_name(names)));
  UNPROTECT(3);
  return x;
}

}  // namespace mmappickle
