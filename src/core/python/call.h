// An inert object taken apart, for those who read Python's classes (private to this
// room).
#pragma once

#include "classes.h"

namespace mmappickle::python {

enum class Made : std::uint8_t { bytes, latin1, dict };  // key's last two bits

// Nodes that were made for such values, by the node that they were made from.
using MadeNodes = std::unordered_map<std::uint64_t, pickle::Id>;

// An object and its positional arguments.
struct Call {
  pickle::Tree& tree;
  numpy::Recogniser& recogniser;
  MadeNodes& made;
  pickle::Id id;
  std::uint64_t count = 0;
  Call(pickle::Tree& tree, numpy::Recogniser& recogniser, MadeNodes& made, pickle::Id id)
      : tree(tree), recogniser(recogniser), made(made), id(id) {
    const pickle::Id arguments = tree[id].second;
    if (arguments != pickle::kNoId && tree[arguments].tag == pickle::Tag::tuple) {
      count = tree[arguments].size;
    }
  }
  // The i-th argument, kNoId if there are fewer.
  pickle::Id operator[](std::uint64_t i) const {
    return i < count ? tree.item(tree[id].second, i) : pickle::kNoId;
  }
  pickle::Tag tag(std::uint64_t i) const {
    return i < count ? tree[(*this)[i]].tag : pickle::Tag::none;
  }
  bool integer(std::uint64_t i, std::int64_t& value) const {
    if (tag(i) != pickle::Tag::integer) return false;
    value = tree[(*this)[i]].integer;
    return true;
  }
  Call of(pickle::Id other) const { return Call(tree, recogniser, made, other); }
  // Nothing was done to the object after it was made.
  bool untouched() const {
    const pickle::Extra* extra = tree.extra_of(id);
    return extra == nullptr ||
           (extra->state == pickle::kNoId && extra->items == pickle::kNoId &&
            extra->dict_items == pickle::kNoId);
  }
};

// datetime.cpp
Recognised read_date(const Call& call);
Recognised read_datetime(const Call& call);
Recognised read_time(const Call& call);
Recognised read_timedelta(const Call& call);

}  // namespace mmappickle::python
