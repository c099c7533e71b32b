// Parts of array entries, read and written in place; see R/slice.R. R API: all of this
// folder enters protect() itself; while the lock is held only to allocate the result.
//
// A slice is one session: what array it is and what its subscripts name is looked at
// under the same lock under which its elements are read or written. The elements are read
// from the file, never through a map that was handed out.
#pragma once

#include "r/slice/choice.h"

namespace mmappickle {

SEXP read_slice(const Asked& asked, bool drop);
// `value`: a vector; or, for the rows of a structured array, a list of columns. `single`:
// exactly one element must be chosen.
void write_slice(const Asked& asked, SEXP value, bool single);

}  // namespace mmappickle
