// Whether a view is still what its file says.
#pragma once

#include "r/view/view.h"

namespace mmappickle {

// False if a view in memory of its own holds other values than its file has by now. R
// API: enters protect() itself.
bool shows_its_file(SEXP x, const View& view);

}  // namespace mmappickle
