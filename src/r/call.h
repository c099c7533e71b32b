// Functions of the package's own R namespace, as C++ calls them.
#pragma once

#include <initializer_list>

#include "r/unwind.h"

namespace mmappickle {

// R API: inside protect().
SEXP call_own(const char* name, std::initializer_list<SEXP> arguments);

// Whether the package bit64 is installed (asked once).
bool has_bit64();

}  // namespace mmappickle
