// Keys of Python dicts: which of them Python takes as equal, and which it refuses.
#pragma once

#include <string>

#include "../pickle/tree.h"

namespace mmappickle::python {

// Equal for keys that Python takes as equal (1, 1.0 and True are); empty for what is only
// known to equal itself.
std::string canonical_key(const pickle::Tree& tree, pickle::Id key);

// False for what Python surely cannot hash: lists, dicts, sets, bytearrays, arrays,
// tuples with such in them.
bool is_hashable(const pickle::Tree& tree, pickle::Id key);

}  // namespace mmappickle::python
