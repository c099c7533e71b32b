// Strings, and factors. R API: enters protect() itself.
#pragma once

#include "r/write/context.h"

namespace mmappickle::write {

// A str, one node for all places where R has this string; None for NA. Refuses what is
// no text.
pickle::Id text_of(Context& context, SEXP charsxp);
// The list of the positions of strings in the encoding "bytes"; kNoId if there are none.
pickle::Id byte_positions(Context& context, SEXP x);
// A list of str; with dim an object array. NA is None.
Encoded encode_strings(Context& context, SEXP x);
// An object array, whether x has dim or not.
Encoded encode_string_objects(Context& context, SEXP x, bool fortran);

// Codes that have a level, or are NA.
bool is_factor(SEXP x, SEXP attributes);
// A list of str, NA is None; the codes behind it.
Encoded encode_factor(Context& context, SEXP x);

}  // namespace mmappickle::write
