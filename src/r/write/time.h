// Dates, times and differences: datetime.date, datetime.datetime and datetime.timedelta
// where there is one, arrays of datetime64[D], datetime64[ns] and timedelta64[ns] else.
// Where Python's resolution loses bits of R's doubles, these follow in the R metadata.
// R API: enters protect() itself.
#pragma once

#include "core/numpy/kernels.h"
#include "r/write/context.h"

namespace mmappickle::write {

// The attributes that say what such numbers mean: class, and zone or units.
std::vector<const char*> time_attributes(numpy::Meaning meaning);
// These are what R gives to times of that meaning that it reads (difftime: in `units`).
bool has_class_of(SEXP attributes, numpy::Meaning meaning, const char* units);
// These are just what reading the Python value alone would give.
bool has_default_class(SEXP x, SEXP attributes, numpy::Meaning meaning);

// Python and NumPy have a value for each of the numbers.
bool fits_time(SEXP x, numpy::Meaning meaning, bool column);
Encoded encode_time(Context& context, SEXP x, numpy::Meaning meaning);  // a single one
Encoded encode_times(Context& context, SEXP x, numpy::Meaning meaning);

}  // namespace mmappickle::write
