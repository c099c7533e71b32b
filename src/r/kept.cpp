#include "r/kept.h"

#include <R_ext/Altrep.h>

#include <cstdint>

namespace mmappickle {

namespace {

R_altrep_class_t logical_class, integer_class, real_class, complex_class, string_class;
// A byte for each plan::SequenceKind: the vectors of a kind have the same.
SEXP kinds;

// data1: the values; data2: a pairlist of the pickle and the flags, or one of `kinds`,
// or the like with bits.
SEXP values_of(SEXP x) { return R_altrep_data1(x); }

R_xlen_t length(SEXP x) { return XLENGTH(values_of(x)); }

void* data(SEXP x, Rboolean) {
  SEXP values = values_of(x);
  switch (TYPEOF(values)) {
    case LGLSXP:
      return LOGICAL(values);
    case INTSXP:
      return INTEGER(values);
    case REALSXP:
      return REAL(values);
    case CPLXSXP:
      return COMPLEX(values);
    default:
      return const_cast<SEXP*>(STRING_PTR_RO(values));
  }
}

const void* data_or_null(SEXP x) { return data(x, FALSE); }

int logical(SEXP x, R_xlen_t i) { return LOGICAL_ELT(values_of(x), i); }
int integer(SEXP x, R_xlen_t i) { return INTEGER_ELT(values_of(x), i); }
double real(SEXP x, R_xlen_t i) { return REAL_ELT(values_of(x), i); }
Rcomplex complex(SEXP x, R_xlen_t i) { return COMPLEX_ELT(values_of(x), i); }
SEXP string(SEXP x, R_xlen_t i) { return STRING_ELT(values_of(x), i); }
void set_string(SEXP x, R_xlen_t i, SEXP value) {
  SET_STRING_ELT(values_of(x), i, value);
}

R_altrep_class_t with_methods(R_altrep_class_t c) {
  R_set_altrep_Length_method(c, length);
  R_set_altvec_Dataptr_method(c, data);
  R_set_altvec_Dataptr_or_null_method(c, data_or_null);
  return c;
}

bool is_kept(SEXP x) {
  return ALTREP(x) &&
         (R_altrep_inherits(x, logical_class) || R_altrep_inherits(x, integer_class) ||
          R_altrep_inherits(x, real_class) || R_altrep_inherits(x, complex_class) ||
          R_altrep_inherits(x, string_class));
}

// Without attributes; x itself if it is of no type that is kept. `what`: data2.
SEXP keep(SEXP x, SEXP what) {
  R_altrep_class_t type;
  switch (TYPEOF(x)) {
    case LGLSXP:
      type = logical_class;
      break;
    case INTSXP:
      type = integer_class;
      break;
    case REALSXP:
      type = real_class;
      break;
    case CPLXSXP:
      type = complex_class;
      break;
    case STRSXP:
      type = string_class;
      break;
    default:
      return x;
  }
  return R_new_altrep(type, x, what);
}

bool has_pickle(SEXP x) { return is_kept(x) && TYPEOF(R_altrep_data2(x)) == LISTSXP; }

}  // namespace

SEXP keep_pickle(SEXP x, SEXP pickle, int flags) {
  SEXP what = PROTECT(Rf_list2(pickle, PROTECT(Rf_ScalarInteger(flags))));
  SEXP out = PROTECT(keep(x, what));
  if (out != x) SHALLOW_DUPLICATE_ATTRIB(out, x);
  UNPROTECT(3);
  return out;
}

SEXP kept_pickle(SEXP x) { return has_pickle(x) ? CAR(R_altrep_data2(x)) : R_NilValue; }

int kept_flags(SEXP x) { return INTEGER(CADR(R_altrep_data2(x)))[0]; }

SEXP keep_sequence_kind(SEXP x, plan::SequenceKind kind, SEXP floats) {
  SEXP out = keep(x, floats == R_NilValue ? VECTOR_ELT(kinds, kind.bits) : floats);
  MARK_NOT_MUTABLE(out);  // nobody compares it with what it was
  return out;
}

plan::SequenceKind kept_sequence_kind(SEXP x) {
  return is_kept(x) && !has_pickle(x) ? plan::SequenceKind{RAW(R_altrep_data2(x))[0]}
                                      : plan::SequenceKind{};
}

const std::uint8_t* kept_floats(SEXP x) {
  SEXP what = R_altrep_data2(x);
  return XLENGTH(what) > 1 ? RAW(what) + 1 : nullptr;
}

SEXP kept_values(SEXP x) { return values_of(x); }

void register_kept_classes(DllInfo* dll) {
  constexpr const char* package = "mmappickle";
  constexpr int count = 1 << plan::SequenceKind::kBits;
  R_PreserveObject(kinds = Rf_allocVector(VECSXP, count));
  for (int i = 0; i < count; ++i) {
    SET_VECTOR_ELT(kinds, i, Rf_ScalarRaw(static_cast<Rbyte>(i)));
  }
  logical_class =
      with_methods(R_make_altlogical_class("mmappickle_kept_logical", package, dll));
  R_set_altlogical_Elt_method(logical_class, logical);
  integer_class =
      with_methods(R_make_altinteger_class("mmappickle_kept_integer", package, dll));
  R_set_altinteger_Elt_method(integer_class, integer);
  real_class = with_methods(R_make_altreal_class("mmappickle_kept_real", package, dll));
  R_set_altreal_Elt_method(real_class, real);
  complex_class =
      with_methods(R_make_altcomplex_class("mmappickle_kept_complex", package, dll));
  R_set_altcomplex_Elt_method(complex_class, complex);
  string_class =
      with_methods(R_make_altstring_class("mmappickle_kept_string", package, dll));
  R_set_altstring_Elt_method(string_class, string);
  R_set_altstring_Set_elt_method(string_class, set_string);
}

}  // namespace mmappickle
