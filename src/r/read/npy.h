// NumPy's array files and their archives.
#pragma once

#include "r/options.h"
#include "r/unwind.h"

namespace mmappickle {

// The array in a .npy file (its path, or a raw vector); those in an .npz archive, a named
// list. R API: enters protect() itself.
SEXP read_npy(SEXP source, const Flags& flags, SEXP readers);
SEXP read_npz(SEXP source, const Flags& flags, SEXP readers);

}  // namespace mmappickle
