// Vectors that remember what they were in Python (r/kept.h): what still is that, is
// stored as that. R API: enters protect() itself.
#pragma once

#include "r/write/object.h"

namespace mmappickle::write {

// False: x is to be stored like any other. A data frame that was a structured array, or a
// list of fields, tells by its names, or by the views that are its columns.
bool plan_kept(Context& context, Objects& objects, SEXP x, SEXP attributes, Plan& plan);

// A vector that a sequence of plain values was, without attributes: that sequence, of
// R's elements. False: x is none.
bool is_kept_sequence(SEXP x);
Encoded encode_kept_sequence(Context& context, SEXP x);

// Of a vector that remembers an array, unchanged, its dtype; else empty.
std::string kept_dtype(SEXP x);

}  // namespace mmappickle::write
