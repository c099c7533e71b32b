// R values that are made in more than one place. R API: inside protect(); results are not
// protected.
#pragma once

#include <initializer_list>
#include <string_view>

#include "core/base/bytes.h"
#include "core/numpy/array.h"
#include "core/numpy/kernels.h"
#include "r/unwind.h"

namespace mmappickle {

SEXP raw_of(Bytes bytes);
SEXP with_class(SEXP x, std::initializer_list<const char*> classes);  // returns x
// The class that a dtype's meaning has in R, with tzone (`units`, UTC if empty) or units.
void set_meaning(SEXP x, numpy::RType type, numpy::Meaning meaning, const char* units);
void set_dim(SEXP x, const numpy::Shape& shape);
void make_data_frame(SEXP columns, std::uint64_t rows);
// What stands along the dimensions (dim, dim names), the other way round: the items and
// their names; other attributes as they are.
SEXP reversed(SEXP x);

// One string, of any bytes; extents as numbers.
SEXP one_text(std::string_view s);
SEXP extents(const numpy::Shape& shape);

// Columns from rows: `fill` sets element i from its row.
template <class Rows, class Fill>
void column(SEXP frame, int at, SEXPTYPE type, const Rows& rows, Fill&& fill) {
  SEXP x = Rf_allocVector(type, static_cast<R_xlen_t>(rows.size()));
  SET_VECTOR_ELT(frame, at, x);
  for (std::size_t i = 0; i < rows.size(); ++i)
    fill(x, static_cast<R_xlen_t>(i), rows[i]);
}

// NA if empty.
void set_text(SEXP x, R_xlen_t i, std::string_view s);

}  // namespace mmappickle
