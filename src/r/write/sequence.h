// A vector in the place of a list, tuple or set: one again, whose items stay what they
// were (a scalar of NumPy's, a Timestamp) where they are read as the vector's elements. R
// API: enters protect() itself.
#pragma once

#include "r/write/plan.h"

namespace mmappickle::write {

// The sequence that was at its place is `origin`. False: reading what could be made of x
// would not give x's type, or the same times.
bool keep_sequence(Context& context, SEXP x, pickle::Id origin, Encoded& out);

}  // namespace mmappickle::write
