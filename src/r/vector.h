// R's vector types, and elements of vectors that R code handed over. Such a vector may be
// ALTREP, of R itself (as.character(1:3)), of this package (a view) or of any other: then
// to ask for an element may run code, allocate, fail by a jump over whatever is alive
// here, and give a string that nothing keeps. So they are fetched by these functions and
// no others (`make lint` looks after it): R jumps inside protect() only, and what was
// made stays with its vector. All of R API: enters protect() itself. Elsewhere
// STRING_ELT() and its kin stand only where R's jump skips nothing (inside protect(), in
// ALTREP methods), on vectors that were made there.
#pragma once

#include "core/numpy/kernels.h"
#include "r/unwind.h"

namespace mmappickle {

// The R vector type of decoded elements, and back (integer64 by its class; real for what
// is no vector); the pointer that kernels fill.
int sexp_type(numpy::RType type);
numpy::RType r_type(SEXP x);
void* data_pointer(SEXP x);

// How many attributes x has, those of R's own among them; of a pairlist not its tags.
R_xlen_t attribute_count(SEXP x);

// R's data pointer for reading, null for a list; makes an ALTREP vector's elements.
const void* read_pointer(SEXP x);

// A CHARSXP, alive as long as x.
inline SEXP string_elt(SEXP x, R_xlen_t i) {
  return ALTREP(x) ? static_cast<const SEXP*>(read_pointer(x))[i] : STRING_ELT(x, i);
}
inline int integer_elt(SEXP x, R_xlen_t i) {  // of a logical vector, too
  if (ALTREP(x)) return static_cast<const int*>(read_pointer(x))[i];
  return TYPEOF(x) == LGLSXP ? LOGICAL_ELT(x, i) : INTEGER_ELT(x, i);
}
// Of a list that is ALTREP it is to be protected.
inline SEXP vector_elt(SEXP x, R_xlen_t i) {
  return ALTREP(x) ? protect([&] { return VECTOR_ELT(x, i); }) : VECTOR_ELT(x, i);
}

}  // namespace mmappickle
