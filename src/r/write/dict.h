// python_dict, and the tuples that can be its keys. R API: enters protect() itself.
#pragma once

#include "r/write/plan.h"

namespace mmappickle::write {

// `origin`: what was at its place in the file.
Plan plan_dict(Context& context, SEXP x, SEXP attributes, pickle::Id origin);
// A list or vector that is a key, or an element of one.
bool is_tuple(SEXP x, SEXP attributes);
Plan plan_tuple(Context& context, SEXP x);

}  // namespace mmappickle::write
