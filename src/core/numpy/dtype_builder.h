// dtypes as pickles spell them, built from the two halves of such an object: what
// numpy.dtype() is called with (recognise_dtype.cpp) and the state that it is given
// behind that (dtype_state.cpp).
#pragma once

#include "recognise.h"

namespace mmappickle::numpy {

// Text of NumPy's own making: str, or Python 2's.
inline bool is_string(const pickle::Tree& tree, pickle::Id id) {
  const pickle::Tag tag = tree[id].tag;
  return tag == pickle::Tag::text || tag == pickle::Tag::string ||
         tag == pickle::Tag::bytes;
}

// Builds one dtype. Recursion is bounded by kMaxDtypeDepth, the number of fields by that
// of the tree's nodes: shared parts cannot multiply. What gives bool: false if there is
// no such dtype.
class DtypeBuilder {
  using Id = pickle::Id;

 public:
  DtypeBuilder(Recogniser& recogniser, const pickle::Tree& tree)
      : recogniser_(recogniser), tree_(tree), fields_left_(tree.size()) {}

  // numpy.dtype(...) with or without state.
  bool object(Id id, Dtype& dtype, int depth = 0);
  // A name, a scalar type, a list of fields, a dict of them, or a dtype.
  bool described(Id id, Dtype& dtype, int depth);

 private:
  // -- descriptions: recognise_dtype.cpp
  bool scalar_type(Id id, Dtype& dtype);
  bool list(Id id, Dtype& dtype, int depth);
  bool dict(Id id, Dtype& dtype, int depth);
  bool add(Dtype& d, Id name, Id format, Id shape, std::uint64_t offset, int depth);
  bool make_subarray(Dtype& dtype, Id id) const;
  static Dtype structured();
  static bool finished(const Dtype& d);

  // -- states: dtype_state.cpp
  bool state(Id id, Dtype& dtype, int depth);
  bool byte_order(Id id, Dtype& dtype) const;
  static bool sized(std::int64_t itemsize, Dtype& dtype);
  bool subarray_state(Id id, std::int64_t itemsize, Dtype& dtype, int depth);
  bool fields(Id names, Id dict, Dtype& d, int depth);
  bool is_empty(Id id) const;
  bool time_metadata(Id id, Dtype& dtype) const;

  Recogniser& recogniser_;
  const pickle::Tree& tree_;
  std::uint64_t fields_left_;
};

}  // namespace mmappickle::numpy
