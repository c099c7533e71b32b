// Classes that a file names, where R holds them: which are restored is decided by
// core/metadata/classes.h. One that is not is kept in an attribute of its own, and is
// the class again where the value is written. R API: inside protect() or protect().
#pragma once

#include "core/metadata/classes.h"
#include "r/unwind.h"

namespace mmappickle {

bool has_class(SEXP classes, const char* name);

// What becomes of a class attribute: nothing (no value in a file has this class), the
// class, or inert data.
enum class Restored { no, inert, yes };
Restored restored_class(SEXP classes, metadata::Trust trust);

SEXP inert_class_symbol();
// The class that the file is to name: the inert one, unless the user gave another.
SEXP named_class(SEXP x);
void drop_class(SEXP x);
// The attributes of x, a fresh list, with that class alone.
SEXP with_named_class(SEXP attributes, SEXP x);

// Code among the items of a list: of data frames and POSIXlt R makes calls (do.call) of
// the items, which would be evaluated in them.
bool holds_code(SEXP list);

}  // namespace mmappickle
