// Arrays from R vectors. R API: enters protect() itself.
#pragma once

#include "core/numpy/array.h"
#include "core/numpy/kernels.h"
#include "r/write/context.h"

namespace mmappickle::write {

// R's dims, or the length.
numpy::Shape dims_of(SEXP x);

// Goes through the elements of these dims, in R's order, and says where each of them is
// in the order of C of the shape that Python sees.
class PythonPlaces {
 public:
  PythonPlaces(const Context& context, numpy::Shape dims);
  std::size_t next();

 private:
  numpy::Shape dims_, at_;
  numpy::Strides strides_;
};

// The order in which the elements of an array have to come: true, as R has them; false,
// the other way round.
inline bool in_r_order(const Context& context, bool fortran) {
  return fortran != context.flags.reversed;
}

// A vector's elements as items of a dtype.
struct Elements {
  numpy::Dtype dtype;  // S, U and V with their length
  numpy::Shape dims;   // R's; of V without the first, an item's bytes
  std::shared_ptr<const Source> data, mask;
};
struct Encoding {
  bool r_order = true;
  bool maskable = true;    // NA is masked where the dtype has none
  bool unclassed = false;  // numbers as they are, whatever the class says
};
// `subject`: what errors are about.
Elements encode_elements(Context& context, SEXP x, const numpy::Dtype& dtype,
                         const Encoding& encoding, const std::string& subject);

Encoded add_array(Context& context, numpy::NewArray array);
// `elements` are in_r_order(fortran).
Encoded add_array(Context& context, Elements elements, bool fortran);
// Of a list node, whose items are in the order of C.
Encoded add_objects(Context& context, const numpy::Shape& dims, pickle::Id list,
                    bool fortran);

}  // namespace mmappickle::write
