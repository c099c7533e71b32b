// From R to what a file is to hold.
//
//     R value > stored value > laid-out bytes > file
//
// This room does the first step: an R value becomes a tree and arrays
// (numpy/stored_value.h). walk.h goes through the value; each kind of value has a header
// of its own, which says what its parts are and how it is made of them (plan.h);
// context.h is what all of them get. None of them knows where the walk is but through
// that.
#pragma once

#include "core/base/error.h"
#include "core/numpy/stored_value.h"
#include "r/options.h"
#include "r/origin.h"
#include "r/unwind.h"

namespace mmappickle {

// What stores x. Borrows x's memory: x must stay protected until the stored value is
// written. Error `unsupported` or `value` names the path inside x ("m$x$a[[2]]", where
// `name` is what x is called: "m$x", "value").
// Attributes that cannot be stored are left out, with a warning of kind `dropped`.
// `origin` (may be null) is used up. R API: enters protect() itself; runs R code (methods
// of as_python()), so that no lock may be held.
numpy::StoredValue encode(SEXP x, const Flags& flags, Warnings& warnings,
                          const std::string& name, Origin* origin = nullptr);

}  // namespace mmappickle
