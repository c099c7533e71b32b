// Arrays from R vectors. R API: enters protect() itself.
#pragma once

#include "core/numpy/elements.h"
#include "r/write/context.h"

namespace mmappickle::write {

// R's dims, or the length.
numpy::Shape dims_of(SEXP x);

struct Encoding {
  bool in_r_order = true;  // else in the order of C
  bool maskable = true;    // NA is masked where the dtype has none
  bool masked = false;     // there is a mask, for NA of any dtype
  bool unclassed = false;  // numbers as they are, whatever the class says
};
// `subject`: what errors are about.
numpy::Elements encode_elements(Context& context, SEXP x, const numpy::Dtype& dtype,
                                const Encoding& encoding, const std::string& subject);

Encoded add_array(Context& context, numpy::NewArray array);
// All of it. (`in_r_order` is that of the layout.)
Encoded encode_array(Context& context, SEXP x, const numpy::Dtype& dtype, bool fortran,
                     Encoding encoding = {});

}  // namespace mmappickle::write
