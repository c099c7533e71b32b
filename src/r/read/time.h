// Dates, times and differences of which R metadata say more than their dtype or class.
#pragma once

#include "r/read/array.h"
#include "r/read/context.h"
#include "r/read/vector.h"

namespace mmappickle {

// Null where nothing is special about it: it is to be read as any other. `own`: R
// metadata's value, or R_NilValue. R API: inside protect(). Not protected.
SEXP time_array(ReadContext& context, ArrayReader& arrays, const plan::Plan& plan,
                SEXP own);
SEXP time_scalar(ReadContext& context, VectorReader& vectors, const plan::Plan& plan,
                 SEXP own);

}  // namespace mmappickle
