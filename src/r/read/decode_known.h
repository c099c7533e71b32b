// What the tables of known Python classes share (private to decode_python.cpp and
// decode_datetime.cpp).
#pragma once

#include "r/read/decode.h"

namespace mmappickle {

enum class Made : std::uint8_t { bytes, latin1, dict };  // key's last two bits

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

// "module.name" of what an object is made by: a global, getattr() of one, or a
// functools.partial() of such (as protocols 2 and 3 spell __new__ with keywords). Empty
// for anything else.
std::string callable_name(const pickle::Tree& tree, pickle::Id callable);

// decode_datetime.cpp
Known read_date(const Call& call);
Known read_datetime(const Call& call);
Known read_time(const Call& call);
Known read_timedelta(const Call& call);

}  // namespace mmappickle
