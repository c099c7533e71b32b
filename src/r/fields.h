// What C++ needs of an mmapdict, in one look: own() and pointer() of R/mmapdict.R.
#pragma once

#include "r/unwind.h"

namespace mmappickle {

struct Fields {
  SEXP pointer = R_NilValue;
  int flags = 0;
};
// R's error where m has no more than the class of one. R API: enters protect() itself.
Fields fields_of(SEXP m);

}  // namespace mmappickle
