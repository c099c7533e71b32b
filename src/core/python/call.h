// An inert object taken apart, for those who read Python's classes (private to this
// room).
#pragma once

#include "../pickle/inert.h"
#include "classes.h"

namespace mmappickle::python {

enum class Made : std::uint8_t { bytes, latin1, dict };  // key's last two bits

// Nodes that were made for such values, by the node that they were made from.
using MadeNodes = std::unordered_map<std::uint64_t, pickle::Id>;

// An object, and what its readers need.
struct Call : pickle::Call {
  pickle::Tree& tree;
  numpy::Recogniser& recogniser;
  MadeNodes& made;
  pickle::Id id;
  Call(pickle::Tree& tree, numpy::Recogniser& recogniser, MadeNodes& made, pickle::Id id)
      : pickle::Call(tree, id), tree(tree), recogniser(recogniser), made(made), id(id) {}
};

// datetime.cpp
Recognised read_date(const Call& call);
Recognised read_datetime(const Call& call);
Recognised read_time(const Call& call);
Recognised read_timedelta(const Call& call);
Recognised read_timezone(const Call& call);

}  // namespace mmappickle::python
