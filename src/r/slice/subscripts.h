// Subscripts of R's, taken apart before any lock; core/numpy/subscript.h says what they
// mean.
#pragma once

#include <vector>

#include "core/numpy/subscript.h"
#include "r/unwind.h"

namespace mmappickle {

// `given`: a list as R/subscripts.R makes it: NULL for a subscript that was left out,
// else list(value). Error of kind index for what is none. May materialise ALTREP vectors.
std::vector<numpy::Subscript> subscripts_of(SEXP given,
                                            const numpy::SubscriptWords& words);
numpy::Subscript subscript_of(SEXP value, const numpy::SubscriptWords& words);

// Positions from 1, as R has them; for R code.
SEXP positions_of(const numpy::Axis& axis);

}  // namespace mmappickle
