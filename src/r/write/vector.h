// Atomic vectors that users did not mark: scalars, bytes, lists of str, and arrays.
// R API: enters protect() itself.
#pragma once

#include "core/plan/simplify.h"
#include "r/write/plan.h"

namespace mmappickle::write {

// A vector of one without attributes, R's own and no NA: done at once. False: another.
bool encode_plain_scalar(Context& context, SEXP x, Encoded& out);
bool is_plain_scalar(SEXP x);                       // whether it is such
pickle::Id plain_scalar(Context& context, SEXP x);  // of one that is
// `origin`: what was at its place in the file.
Plan plan_vector(Context& context, SEXP x, SEXP attributes, bool column,
                 pickle::Id origin);

// Which Python sequences are read as a vector of x's type; `no`: none.
plan::Simple simple_type(SEXP x);
// x's type as R metadata names it.
inline const char* type_name(SEXP x) { return Rf_type2char(TYPEOF(x)); }

}  // namespace mmappickle::write
