// What an R value becomes: its parts, and how it is made of them once they are encoded.
#pragma once

#include <functional>

#include "r/write/context.h"

namespace mmappickle::write {

// What a part is to the whole.
enum class Role : std::uint8_t {
  item,
  column,     // of a data frame: never a scalar
  key,        // of a dict, or an element of one: a list or vector is a tuple there
  attribute,  // code may be in it
  row_count,  // an attribute, too: the number of automatic row names
};

struct Part {
  SEXP value;
  Role role = Role::item;
  SEXP name = R_NilValue;             // of an attribute: a CHARSXP
  pickle::Id origin = pickle::kNoId;  // what was at its place in the file
};

// The i-th of n items in words: "$a", "[[2]]". R API: enters protect() itself.
std::string name_or_position(SEXP x, std::size_t i, std::size_t n);

struct Plan {
  explicit Plan(SEXP x = R_NilValue) : x(x) {}

  SEXP x;  // what is encoded; R_NilValue where nothing of it is asked any more
  std::vector<Part> items{};
  std::vector<Part> attributes{};  // those that the R metadata names
  // `items` in the order of those above; may reorder them and change what they say.
  // (What captures no more than two words takes no memory: this is made for each value.)
  std::function<Encoded(SEXP x, std::vector<Encoded>& items)> make;
  std::string (*label)(SEXP, std::size_t, std::size_t) = name_or_position;
  // Attributes that the Python value says itself, unless they have attributes in turn;
  // and those that are not kept anyway.
  std::vector<const char*> said{}, ignored{};
  bool says_dim = true;    // where there are several dimensions
  bool is_opaque = false;  // its parts are not walked: a python_object
};

// One without parts.
template <class Make>
Plan plan_of(SEXP x, Make make) {
  Plan plan(x);
  plan.make = [make](SEXP x, std::vector<Encoded>&) { return make(x); };
  return plan;
}

}  // namespace mmappickle::write
