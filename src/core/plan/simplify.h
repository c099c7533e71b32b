// When a Python sequence is an R vector: the rule, shared by reader and writer (which has
// to say so where the plain rule would turn an R list into a vector).
#pragma once

#include <cstdint>

#include "../pickle/tree.h"
#include "scalars.h"

namespace mmappickle::plan {

// What becomes of the index of a data frame or series of pandas'.
enum class Index : std::uint8_t {
  column,     // names of rows or elements where R can have such, else columns
  attribute,  // the same, but as an attribute
  drop,
};

// What plain values were beyond what their vector says: so that they can be written
// again. A byte, which R's vectors keep (r/kept.h).
struct SequenceKind {
  std::uint8_t bits = 0;  // 0: of none

  static constexpr std::uint8_t kBits = 7;
  // `container`: a list, tuple, set or frozenset; or Tag::dict, that is none: the vector
  // of one value.
  static SequenceKind of(pickle::Tag container, bool ints, bool nones, bool floats) {
    const auto tag = static_cast<unsigned>(container) - kFirst;
    return {static_cast<std::uint8_t>(1u | (ints ? 2u : 0u) | (nones ? 4u : 0u) |
                                      (floats ? 8u : 0u) | tag << 4)};
  }
  static SequenceKind of_int() { return of(pickle::Tag::dict, true, false, false); }
  explicit operator bool() const { return bits != 0; }
  pickle::Tag container() const { return static_cast<pickle::Tag>(kFirst + (bits >> 4)); }
  bool is_sequence() const { return container() != pickle::Tag::dict; }
  bool ints() const { return bits & 2; }    // doubles: is_whole() ones are
  bool nones() const { return bits & 4; }   // NA is None, in doubles, too
  bool floats() const { return bits & 8; }  // but not all: these are told one by one

 private:
  static constexpr unsigned kFirst = static_cast<unsigned>(pickle::Tag::list);
};
// A double that among ints is one.
bool is_whole(double v);

struct Sequence {
  Simple type = Simple::no;
  // Its items are plain values, of which SequenceKind can say what the vector does not.
  bool plain = true;
  bool ints = false, nones = false, floats = false;  // see there
  Bytes zone;                                        // datetime: of all
  bool zoned = false;                                //   which R has to look up
  const char* units = "secs";                        // difftime
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
