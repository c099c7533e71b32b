// Class names that bring their package along.
//
// An object of a class of ours must not be taken for the list or the raw vector that it
// is made of by a process that has not loaded the package. R writes the name of the
// package with each ALTREP vector that it serializes (format version 3), and loads that
// package when it reads one: so the class attribute is one. It is an ordinary character
// vector in all else (identical(), dput(), inherits()), and takes some 40 bytes more.
// Where the package is not installed R warns, and the object comes without a class.
//
// What is no data, handles and mmarrays, is moreover a function (R/carrier.R).
#pragma once

#include <R_ext/Rdynload.h>

#include "r/unwind.h"

namespace mmappickle {

void register_class_names(DllInfo* dll);  // once, from R_init_mmappickle
// A character vector that holds `names`, one. R API; the result is not protected.
SEXP own_class_name(SEXP names);
SEXP with_own_class(SEXP x, const char* name);  // returns x

}  // namespace mmappickle
