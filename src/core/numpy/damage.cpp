// Looks through a whole value for arrays that cannot be read.
#include "recognise.h"

namespace mmappickle::numpy {

namespace {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

// The nodes that one is made of. Of an array only its objects count.
void add_parts(const Tree& tree, Id id, std::vector<Id>& parts) {
  const pickle::Node& node = tree[id];
  if (pickle::is_container(node.tag)) {
    for (Id item : tree.items(id)) parts.push_back(item);
  } else if (node.tag == Tag::object || node.tag == Tag::persistent) {
    parts.push_back(node.first);
    if (node.tag == Tag::object) parts.push_back(node.second);
  }
  const pickle::Extra* extra = tree.extra_of(id);
  if (!extra) return;
  for (Id part : {extra->keywords, extra->state, extra->items, extra->dict_items}) {
    parts.push_back(part);
  }
  parts.insert(parts.end(), extra->states.begin(), extra->states.end());
}

}  // namespace

std::string damage_in(Tree& tree, Id value) {
  Recogniser recogniser(tree);
  std::vector<bool> seen(tree.size());
  std::vector<Id> left = {value};
  while (!left.empty()) {
    const Id id = left.back();
    left.pop_back();
    // (Nodes that the recogniser made are bytes.)
    if (id == kNoId || id >= seen.size() || seen[id]) continue;
    seen[id] = true;
    if (tree[id].tag == Tag::object) {
      const Recognised found = recogniser.recognise(id);
      if (found.found == Found::damaged) return found.problem;
      if (found.found != Found::nothing) {
        left.push_back(found.array.objects);
        continue;
      }
    }
    add_parts(tree, id, left);
  }
  return {};
}

}  // namespace mmappickle::numpy
