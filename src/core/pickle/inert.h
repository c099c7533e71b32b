// Inert objects taken apart: what Python would call, with what, and what it would do to
// the result. Nothing is called here, and all but items_of() takes constant time: what
// has more parts than any class writes has none.
#pragma once

#include <string>
#include <vector>

#include "tree.h"

namespace mmappickle::pickle {

// callable(*arguments, **keywords), however the pickle spells that, and what follows. Of
// any node, or of kNoId: what is no object has no parts.
class Call {
 public:
  Call(const Tree& tree, Id id);

  bool is_object() const { return object_; }
  Id callable() const { return object_ ? tree_[id_].first : kNoId; }
  // True if the callable is this global.
  bool is_of(std::string_view module, std::string_view name) const {
    return callable() != kNoId && tree_.is_global(callable(), module, name);
  }
  // The class of an instance that cls.__new__(cls) makes, in whatever protocol (NEWOBJ,
  // copyreg._reconstructor(cls, object, None), cls()); kNoId for what is none.
  Id instance_of() const;

  // -- arguments. Those that are not there are kNoId, and of no type
  std::uint64_t count() const { return arguments_ == kNoId ? 0 : tree_[arguments_].size; }
  Id operator[](std::uint64_t i) const {
    return i < count() ? tree_.item(arguments_, i) : kNoId;
  }
  // None where there is none: as for parameters whose default is None.
  Tag tag(std::uint64_t i) const {
    return i < count() ? tree_[(*this)[i]].tag : Tag::none;
  }
  bool integer(std::uint64_t i, std::int64_t& value) const;
  bool real(std::uint64_t i, double& value) const;  // or an integer
  bool text(std::uint64_t i, std::string_view& value) const;
  Id keywords() const;  // a dict that is not empty, or what would give one; kNoId
  // True if a tuple of arguments, as long as it may be, is all that the call gets.
  bool is_positional() const { return arguments_ != kNoId && keywords() == kNoId; }

  // -- what was done to the object after it was made
  const Extra& after() const;  // all kNoId, if nothing
  bool untouched() const;      // nothing, and there are no keywords
  Id state() const;            // that BUILD gave; kNoId if nothing or more was done

 private:
  const Tree& tree_;
  Id id_;
  bool object_ = false;
  Id arguments_ = kNoId;  // the tuple
};

// The row of a table of {module, name ...} for the global `id`; null if there is none.
template <class Row, std::size_t kRows>
const Row* row_of(const Row (&rows)[kRows], const Tree& tree, Id id) {
  if (id == kNoId || tree[id].tag != Tag::global) return nullptr;
  const std::string_view module = tree.text_of(tree[id].first);
  const std::string_view name = tree.text_of(tree[id].second);
  for (const Row& row : rows) {
    if (name == row.name && module == row.module) return &row;
  }
  return nullptr;
}

// "module.name" of what an object is made by: a global, getattr() of one, or a
// functools.partial() of such (as protocols 2 and 3 spell __new__ with keywords). Empty
// for anything else.
std::string name_of_callable(const Tree& tree, Id callable);

// -- plain values. Of kNoId nothing is true, and it has no items

inline bool is_none(const Tree& tree, Id id) {
  return id != kNoId && tree[id].tag == Tag::none;
}
bool is_integer(const Tree& tree, Id id, std::int64_t& value);
// The number of items of a list or tuple; false for anything else.
bool is_sequence(const Tree& tree, Id id, std::uint64_t& size);
// The i-th item of one; kNoId if there is none.
Id item(const Tree& tree, Id sequence, std::uint64_t i);
// Those of any container.
std::vector<Id> items_of(const Tree& tree, Id container);
// Appends the parts of [[key, value], ...] (lists or tuples of two), as Python 2 and
// OrderedDict have a dict. False if some item is none.
bool append_pairs(const Tree& tree, Id list, std::vector<Id>& pairs);
// The value of a key in a dict, kNoId if it is absent, or `dict` is none.
Id member(const Tree& tree, Id dict, std::string_view key);

}  // namespace mmappickle::pickle
