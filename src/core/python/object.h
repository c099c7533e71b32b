// What an inert object shows of itself.
#pragma once

#include <string>

#include "../numpy/recognise.h"
#include "../pickle/tree.h"

namespace mmappickle::python {

// Its parts, in this order; kNoId for those that it does not have. The callable is one
// only where it is no global, which the class name tells. What an array of a derived
// class is made from is nothing but its array, and what the class adds.
constexpr int kObjectParts = 8;
extern const char* const kObjectPart[kObjectParts];
void object_parts(const pickle::Tree& tree, pickle::Id object,
                  const numpy::Derived& derived, pickle::Id* parts);

// Of a global its own name; of an object that of its class, as far as the pickle says it,
// else that of the function which makes it. Escaped.
std::string class_name(const pickle::Tree& tree, pickle::Id id);

}  // namespace mmappickle::python
