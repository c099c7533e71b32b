// Views that are serialized as references to their file: with
// options(mmappickle.by_reference = TRUE), R writes the raw vector that is made here in
// place of the values, and gives it back to be made a view again (methods.cpp). What
// a reference says, and what it cannot say, is in core/store/reference.h.
#pragma once

#include "r/unwind.h"

namespace mmappickle {

// Both, R API: enter protect() themselves; the result is not protected.
//
// The raw vector that stands for a view; NULL where there is none: x is to be serialized
// by its values.
SEXP reference_to(SEXP x);
// The view; Error of kind stale where the entry is another one now.
SEXP view_of_reference(SEXP state);

}  // namespace mmappickle
