// Vectors that remember what they were in Python where R's plain rules would write
// something else: a list of NumPy's scalars, a time without a zone, an array of a dtype
// that lies in no file. Stored again unchanged, they are that again.
//
// Such a vector is an ordinary one in all that R does with it; only who stores it asks
// for the pickle. R may change it in place, so that one has to ask, too, whether it still
// says what the pickle does. A copy, or what comes back from saveRDS(), remembers
// nothing.
//
// Of a list, tuple or set of plain values the vector says all but what it was: the kind
// is enough, which takes no memory. R code does not change such a vector, but a copy.
#pragma once

#include <R_ext/Rdynload.h>

#include <cstdint>

#include "core/plan/simplify.h"
#include "r/unwind.h"

namespace mmappickle {

void register_kept_classes(DllInfo* dll);  // once, as register_view_classes()

// The like of `x`, a vector of its own; `pickle`: a raw vector, `flags`: the bits of the
// Flags with which it was read. `x` itself if it is of no type that is kept. R API:
// inside protect(). Not protected.
SEXP keep_pickle(SEXP x, SEXP pickle, int flags);
// The pickle and the flags; R_NilValue if x is none of ours.
SEXP kept_pickle(SEXP x);
int kept_flags(SEXP x);

// The same, of a sequence of plain values. `floats`: R_NilValue, or a raw vector, the
// kind and then a bit for each element.
SEXP keep_sequence_kind(SEXP x, plan::SequenceKind kind, SEXP floats);
// Of none if x is none of ours.
plan::SequenceKind kept_sequence_kind(SEXP x);
const std::uint8_t* kept_floats(SEXP x);  // the bits, or null
// The vector in one of ours, which is R's own.
SEXP kept_values(SEXP x);

}  // namespace mmappickle
