// R metadata's attributes, checked before R would refuse them.
#pragma once

#include "r/read/context.h"

namespace mmappickle {

// Gives `value`, protected by the caller, the attributes of its plan; what does not fit
// is left out and noted in the context. R API: inside protect(). Returns it, or a copy.
SEXP with_attributes(ReadContext& context, const plan::Plan& plan, SEXP values,
                     SEXP value);

// A data.table, protected by the caller, with the pointer to itself that it wants. R API:
// inside protect(). Returns it, or a copy.
SEXP with_own_selfref(SEXP table);

}  // namespace mmappickle
