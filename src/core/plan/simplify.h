// When a Python sequence is an R vector: the rule, shared by reader and writer (which has
// to say so where the plain rule would turn an R list into a vector).
#pragma once

#include "scalars.h"

namespace mmappickle::plan {

// What becomes of the index of a data frame or series of pandas'.
enum class Index : std::uint8_t {
  column,     // names of rows or elements where R can have such, else columns
  attribute,  // the same, but as an attribute
  drop,
};

struct Sequence {
  Simple type = Simple::no;
  // Its items are plain values: to write the vector gives something like it.
  bool plain = true;
  Bytes zone;                  // datetime: of all
  bool zoned = false;          //   which R has to look up
  const char* units = "secs";  // difftime
};
// All items are scalars of one kind. int and float mix where the ints are exact as
// doubles, and differences of several units are seconds; None and its kin are NA if
// something else tells the type, or `none_is_logical` (an array of objects, where a
// column of None is no news of the others). NaN is one, but among numbers. Empty: no.
Sequence simplified(Scalars& scalars, pickle::Id sequence, const ScalarOptions& options,
                    bool none_is_logical);
// The plain rule, of a sequence or of the list of an array of objects.
Simple simplified(pickle::Tree& tree, pickle::Id sequence, bool bit64,
                  bool none_is_logical = false);

}  // namespace mmappickle::plan
