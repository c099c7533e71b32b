// Views on their way back to a file: their bytes are copied as they are. R API: enters
// protect() itself.
#pragma once

#include "r/view/view.h"
#include "r/write/context.h"

namespace mmappickle::write {

// The View of x; null unless x has the class and the shape that its file gives it.
const View* whole_view(SEXP x);
// Goes from file to file as it is: dtype, order, mask. Where R has given it other
// dimensions it is in R's order. False if x is no view, or of another meaning.
bool encode_view(Context& context, SEXP x, Encoded& out);
// A whole_view() in the order of C or Fortran.
Encoded copy_view(Context& context, SEXP x, const View& view, bool fortran);

// The elements of a whole_view() that shows its file, as they are there. False if x is
// none.
bool view_elements(Context& context, SEXP x, bool in_r_order, numpy::Elements& out);
// The type of what the options `int64` and `uint8` decide, else null.
const char* type_beyond_options(const numpy::Dtype& dtype, numpy::RType type);

// The first of the vectors that a list is made of, if it is a view; else null.
const View* first_view(SEXP x);

}  // namespace mmappickle::write
