// Calls of Python's classes and functions that nobody makes here: Python does, when it
// loads the pickle.
#pragma once

#include <string>

#include "r/unwind.h"

namespace mmappickle {

// The pickle of what python_object() (R/python_object.R) was given: `callable` is
// "module.name", `how` one of "call", "new", "global", `parts` a list with names of the
// other arguments that were given, `args` among them. What R alone knows of these is not
// in it. The form is that in which such an object is written inside of other values, so
// that it stays the same there. R API: enters protect() itself; runs R code (methods of
// as_python()), so that no lock may be held.
std::string pickle_of_call(const std::string& callable, const std::string& how,
                           SEXP parts);

}  // namespace mmappickle
