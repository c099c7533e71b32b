// R's values of any atomic type as the core's kernels take them. R API: enters protect()
// itself.
#pragma once

#include <string>
#include <vector>

#include "core/base/stable.h"
#include "core/numpy/values.h"
#include "r/unwind.h"

namespace mmappickle {

// What numbers of this class are: Date, POSIXct, difftime, by their class attribute.
numpy::Meaning meaning_of(SEXP x);
double seconds_per_unit(SEXP difftime);

// Borrows x's elements; strings as UTF-8 in `strings`, those that had to be translated
// (latin1, native) in `texts`; what cannot be stays as it is, for
// numpy::check_values() to find.
// `unclassed`: numbers as they are, whatever the class says. Error of kind value for what
// is no vector, and for factors.
numpy::RValues r_values(SEXP x, std::vector<Bytes>& strings, Stable<std::string>& texts,
                        bool unclassed = false);

}  // namespace mmappickle
