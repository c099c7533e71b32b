// python_dict, and the tuples that can be its keys. R API: enters protect() itself.
#pragma once

#include "r/write/object.h"

namespace mmappickle::write {

Plan plan_dict(Context& context, SEXP x, SEXP attributes, const Part& part);
// A key, or an element of one, that is read from a file, or a list or vector: a tuple.
// False: x is to be stored like any other.
bool plan_key(Context& context, Objects& objects, SEXP x, SEXP attributes, Plan& plan);

}  // namespace mmappickle::write
