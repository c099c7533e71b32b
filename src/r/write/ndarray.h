// What R users mark: ndarray(x, dtype, order), and the stubs of empty_ndarray(). R API:
// enters protect() itself.
#pragma once

#include "core/numpy/dtype.h"
#include "r/write/plan.h"

namespace mmappickle::write {

struct Mark {
  enum class Type : std::uint8_t { none, array, objects, structured, stub };
  Type kind = Type::none;
  SEXP x = R_NilValue;       // the value inside; of a stub its dimensions
  SEXP dtype = R_NilValue;   // see marked_dtype()
  SEXP names = R_NilValue;   // of a stub: its dimnames or names, as a list of attributes
  SEXP growth = R_NilValue;  // of a stub that grows: its room in rows, masked or not
  bool fortran = false;
  // Of the value inside there is nothing to keep but its elements.
  bool is_whole() const { return kind == Type::structured || kind == Type::stub; }
};
// What x is marked as, by its class. Refuses what only calls itself a mark.
Mark mark_of(Context& context, SEXP x);
// `attributes`: of the value inside, unless the mark is_whole().
Plan plan_marked(Context& context, const Mark& mark, SEXP attributes);

// A string, or a list of strings and lists, by field: checked by mark_of().
numpy::Dtype marked_dtype(SEXP dtype);

}  // namespace mmappickle::write
