// Vectors that remember what they were in Python (r/kept.h): what still is that, is
// stored as that. R API: enters protect() itself.
#pragma once

#include "r/write/object.h"

namespace mmappickle::write {

// False: x is to be stored like any other.
bool plan_kept(Context& context, Objects& objects, SEXP x, Plan& plan);

}  // namespace mmappickle::write
