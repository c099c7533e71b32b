#include "parts.h"

namespace mmappickle::pandas {

using pickle::Extra;
using pickle::Tag;
using pickle::Tree;

namespace {
constexpr std::uint64_t kMaxMembers = 64;

bool is_tuple(const Tree& tree, Id id) {
  return id != kNoId && tree[id].tag == Tag::tuple;
}
}  // namespace

bool is_sequence(const Tree& tree, Id id, std::uint64_t& size) {
  if (id == kNoId) return false;
  const Tag tag = tree[id].tag;
  if (tag != Tag::list && tag != Tag::tuple) return false;
  size = tree[id].size;
  return true;
}

Id item(const Tree& tree, Id sequence, std::uint64_t i) {
  std::uint64_t size = 0;
  return is_sequence(tree, sequence, size) && i < size ? tree.item(sequence, i) : kNoId;
}

std::uint64_t arguments(const Tree& tree, Id object) {
  if (object == kNoId || tree[object].tag != Tag::object) return 0;
  const Id arguments = tree[object].second;
  return is_tuple(tree, arguments) ? tree[arguments].size : 0;
}

Id argument(const Tree& tree, Id object, std::uint64_t i) {
  return i < arguments(tree, object) ? tree.item(tree[object].second, i) : kNoId;
}

Id instance_of(const Tree& tree, Id object) {
  if (object == kNoId || tree[object].tag != Tag::object) return kNoId;
  const Id callable = tree[object].first;
  if (callable == kNoId || tree[callable].tag != Tag::global) return kNoId;
  if (tree.is_global(callable, "copyreg", "_reconstructor") ||
      tree.is_global(callable, "copy_reg", "_reconstructor")) {
    if (arguments(tree, object) != 3 || !is_none(tree, argument(tree, object, 2))) {
      return kNoId;
    }
    return argument(tree, object, 0);
  }
  return arguments(tree, object) == 0 ? callable : kNoId;
}

Id state_of(const Tree& tree, Id object) {
  const Extra* extra = tree.extra_of(object);
  if (!extra || extra->items != kNoId || extra->dict_items != kNoId ||
      !extra->states.empty()) {
    return kNoId;
  }
  return extra->state;
}

bool is_bare(const Tree& tree, Id object) { return tree.extra_of(object) == nullptr; }

Id member(const Tree& tree, Id dict, std::string_view key) {
  if (dict == kNoId || tree[dict].tag != Tag::dict || tree[dict].size > kMaxMembers) {
    return kNoId;
  }
  Id found = kNoId, name = kNoId;
  for (Id id : tree.items(dict)) {
    if (name == kNoId) {
      name = id;
      continue;
    }
    if (tree.is_text(name, key)) found = id;  // the last one counts
    name = kNoId;
  }
  return found;
}

bool is_integer(const Tree& tree, Id id, std::int64_t& value) {
  if (id == kNoId || tree[id].tag != Tag::integer) return false;
  value = tree[id].integer;
  return true;
}

}  // namespace mmappickle::pandas
