// R metadata as a file has them (names.h): a claim, each part of which is checked for its
// type before it is used.
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::metadata {

// The members of a node's metadata; absent ones are empty and kNoId.
struct Members {
  Bytes type;
  pickle::Id value = pickle::kNoId;
  pickle::Id bytes = pickle::kNoId;  // a list
  pickle::Id attributes =
      pickle::kNoId;                    // a list of [name, value] or [name, value, dict]
  pickle::Id children = pickle::kNoId;  // a dict
  bool fits = true;                     // false: something else was there, too

  bool any() const {
    return type.size != 0 || value != pickle::kNoId || bytes != pickle::kNoId ||
           attributes != pickle::kNoId || children != pickle::kNoId;
  }
};
// `metadata`: a dict, or kNoId, which has none.
Members read_members(const pickle::Tree& tree, pickle::Id metadata);

// The value of the attribute of that name, or kNoId.
pickle::Id attribute(const pickle::Tree& tree, pickle::Id attributes, const char* name);

// Walks a list of positions, which ascend; asked for one position after the other.
class Positions {
 public:
  // kNoId: there are none.
  Positions(const pickle::Tree& tree, pickle::Id list)
      : tree_(tree),
        at_(tree.items(list == pickle::kNoId ? tree.none() : list).begin()),
        end_(tree.items(list == pickle::kNoId ? tree.none() : list).end()) {}
  bool has(std::uint64_t position) {
    while (at_ != end_ && value() < position) ++at_;
    return at_ != end_ && value() == position;
  }

 private:
  std::uint64_t value() const {
    const pickle::Node& node = tree_[*at_];
    return node.tag == pickle::Tag::integer ? static_cast<std::uint64_t>(node.integer)
                                            : 0;
  }
  const pickle::Tree& tree_;
  pickle::Tree::Items::Iterator at_, end_;
};

}  // namespace mmappickle::metadata
