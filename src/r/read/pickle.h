// Whole pickles, of files of any kind or in raw vectors. R API: enters protect() itself.
#pragma once

#include "core/pickle/python2_strings.h"
#include "r/options.h"
#include "r/unwind.h"

namespace mmappickle {

// A list of the values of the pickles in a file (its path) or a raw vector: of the first,
// or of all. Error of kind stale if the file was changed meanwhile.
SEXP read_pickles(SEXP source, bool all, const Flags& flags, SEXP readers,
                  pickle::Encoding encoding = pickle::Encoding::ascii);

// The value of a pickle in memory that was read before: nothing is warned of. Copied.
SEXP read_again(Bytes bytes, const Flags& flags);

}  // namespace mmappickle
