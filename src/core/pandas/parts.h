// Inert objects taken apart. Everything here takes constant time: what has more parts
// than any pandas writes has none.
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::pandas {

using pickle::Id;
using pickle::kNoId;

// The i-th argument of an object's call, or item of a tuple or list; kNoId if there is
// none.
Id argument(const pickle::Tree& tree, Id object, std::uint64_t i);
Id item(const pickle::Tree& tree, Id sequence, std::uint64_t i);
std::uint64_t arguments(const pickle::Tree& tree, Id object);

// The class of an instance that was made by cls.__new__(cls), however the protocol spells
// that (NEWOBJ, copyreg._reconstructor(cls, object, None), cls()); kNoId for what is
// none.
Id instance_of(const pickle::Tree& tree, Id object);

// What BUILD gave the object, kNoId if nothing or more was done to it.
Id state_of(const pickle::Tree& tree, Id object);
// True for an object that was only called.
bool is_bare(const pickle::Tree& tree, Id object);

// The value of a key in a dict, kNoId if it is absent, or `dict` is none.
Id member(const pickle::Tree& tree, Id dict, std::string_view key);

bool is_integer(const pickle::Tree& tree, Id id, std::int64_t& value);
inline bool is_none(const pickle::Tree& tree, Id id) {
  return id != kNoId && tree[id].tag == pickle::Tag::none;
}
// The number of items of a list or tuple; false for anything else.
bool is_sequence(const pickle::Tree& tree, Id id, std::uint64_t& size);

}  // namespace mmappickle::pandas
