// From R to what a file is to hold.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/numpy/recipe.h"
#include "core/numpy/values.h"
#include "r/options.h"
#include "r/origin.h"
#include "r/unwind.h"

namespace mmappickle {

// What stores x. Borrows x's memory:
// x must stay protected until the recipe is written. Error `unsupported` or `value` names
// the path inside x ("x$a[[2]]"). Attributes that cannot be stored are left out, with a
// warning of kind `dropped`. Runs R code (methods of as_python()): no lock may be held.
// `origin` (may be null) is used up.
numpy::Recipe encode(SEXP x, const Flags& flags, Warnings& warnings,
                     Origin* origin = nullptr);

// R values of any atomic type as what kernels take; strings are translated to UTF-8 into
// `strings` (latin1 and native converted; invalid: Error value). Dates and the like by
// their class, or plain numbers.
numpy::RValues r_values(SEXP x, std::vector<Bytes>& strings,
                        std::deque<std::string>& kept, bool plain = false);

}  // namespace mmappickle
