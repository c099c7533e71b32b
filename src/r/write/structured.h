// Data frames and lists of columns as structured arrays. R API: enters protect() itself.
#pragma once

#include "r/write/context.h"

namespace mmappickle::write {

// ndarray(x, c(a = "int32", ...)). A data frame is an array of rank 1, a list one of the
// dimensions that its columns share: as structured arrays are read.
Encoded encode_structured(Context& context, SEXP x, SEXP dtypes, bool fortran);

}  // namespace mmappickle::write
