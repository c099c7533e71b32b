// Vectors that are filled at once.
#pragma once

#include "r/unwind.h"

namespace mmappickle {

// An ordinary vector of numbers or bytes, in huge pages where it is large and there are
// such: new memory takes longer to come by than what is copied into it. R API: inside
// protect(), or in an ALTREP method; the result is not protected.
SEXP new_vector(SEXPTYPE type, R_xlen_t n);

}  // namespace mmappickle
