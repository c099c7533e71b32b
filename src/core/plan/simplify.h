// When a Python sequence is an R vector: the rule, shared by reader and writer (which has
// to say so where the plain rule would turn an R list into a vector).
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::plan {

// What becomes of the index of a data frame or series of pandas'.
enum class Index : std::uint8_t {
  column,     // names of rows or elements where R can have such, else columns
  attribute,  // the same, but as an attribute
  drop,
};

enum class Simple {
  no,  // a list
  logical,
  integer,
  real,
  integer64,  // integers beyond 2^53 (where there is bit64, which has a class for them)
  character,
};
// All items are scalars of one kind: bool, int, float or str; int and float mix where the
// ints are exact as doubles; None is NA if something else tells the type. Empty: no.
Simple simplified(const pickle::Tree& tree, pickle::Id sequence, bool bit64);

// From this size on texts that are shared are worth remembering.
constexpr std::uint64_t kLongText = 256;

// A text that an R string can hold: UTF-8 without NUL and lone surrogates.
bool is_r_text(Bytes text);
// A str node of that kind, or a Python 2 str of ASCII.
bool is_r_text(const pickle::Tree& tree, pickle::Id id);

// The R type of a Python int.
Simple integer_type(const pickle::Node& node, bool bit64);

}  // namespace mmappickle::plan
