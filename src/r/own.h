// What calls on the object that R code holds, an mmapdict, find in it by themselves: in R
// (own() and pointer() of R/mmapdict.R, which see to all that is not as it should be)
// that would be most of what a small call costs. R API: enters protect() itself.
#pragma once

#include "r/handle.h"
#include "r/options.h"

namespace mmappickle {

struct Own {
  SEXP pointer;  // of an open handle: it is opened anew where R would
  Flags flags;
  SEXP readers;  // the handle's, or NULL
};
Own own_of(SEXP m);

// What decode() is to be given for those: with the package's own table (R/registry.R).
SEXP with_registry(SEXP readers);

}  // namespace mmappickle
