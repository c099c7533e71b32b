#include "inert.h"

#include <cstring>

namespace mmappickle::pickle {

namespace {

constexpr std::uint64_t kMaxMembers = 64;

bool is_empty_dict(const Tree& tree, Id id) {
  return tree[id].tag == Tag::dict && tree[id].size == 0;
}

}  // namespace

Call::Call(const Tree& tree, Id id) : tree_(tree), id_(id) {
  object_ = id != kNoId && tree[id].tag == Tag::object;
  if (!object_) return;
  const Id arguments = tree[id].second;
  if (arguments != kNoId && tree[arguments].tag == Tag::tuple) arguments_ = arguments;
}

Id Call::instance_of() const {
  if (callable() == kNoId || tree_[callable()].tag != Tag::global) return kNoId;
  const bool reconstructed =
      is_of("copyreg", "_reconstructor") || is_of("copy_reg", "_reconstructor");
  if (!reconstructed) return count() == 0 ? callable() : kNoId;
  return count() == 3 && is_none(tree_, (*this)[2]) ? (*this)[0] : kNoId;
}

bool Call::integer(std::uint64_t i, std::int64_t& value) const {
  return is_integer(tree_, (*this)[i], value);
}

bool Call::real(std::uint64_t i, double& value) const {
  std::int64_t whole = 0;
  if (integer(i, whole)) {
    value = static_cast<double>(whole);
  } else if (tag(i) == Tag::real) {
    const Node node = tree_[(*this)[i]];
    std::memcpy(&value, &node.real, sizeof value);  // NaNs, bit for bit
  } else {
    return false;
  }
  return true;
}

bool Call::text(std::uint64_t i, std::string_view& value) const {
  if (tag(i) != Tag::text) return false;
  value = tree_.text_of((*this)[i]);
  return true;
}

const Extra& Call::after() const {
  static const Extra nothing;
  const Extra* extra = object_ ? tree_.extra_of(id_) : nullptr;
  return extra ? *extra : nothing;
}

Id Call::keywords() const {
  const Id keywords = after().keywords;
  return keywords == kNoId || is_empty_dict(tree_, keywords) ? kNoId : keywords;
}

bool Call::untouched() const {
  const Extra& extra = after();
  return extra.state == kNoId && extra.items == kNoId && extra.dict_items == kNoId &&
         keywords() == kNoId;
}

Id Call::state() const {
  const Extra& extra = after();
  const bool alone =
      extra.items == kNoId && extra.dict_items == kNoId && extra.states.empty();
  return alone ? extra.state : kNoId;
}

std::string name_of_callable(const Tree& tree, Id callable) {
  std::string path;
  // Each step goes to another node; so many names are enough for any class.
  for (int depth = 0; depth < 32 && callable != kNoId; ++depth) {
    if (tree[callable].tag == Tag::global) return tree.global_name(callable) + path;
    const Call made(tree, callable);
    std::string_view name;
    if (made.is_of("builtins", "getattr") && made.text(1, name)) {
      path = '.' + std::string(name) + path;
    } else if (!made.is_of("functools", "partial")) {
      return {};
    }
    callable = made[0];
  }
  return {};
}

bool is_integer(const Tree& tree, Id id, std::int64_t& value) {
  if (id == kNoId || tree[id].tag != Tag::integer) return false;
  value = tree[id].integer;
  return true;
}

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

std::vector<Id> items_of(const Tree& tree, Id container) {
  const Tree::Items all = tree.items(container);
  std::vector<Id> items;
  items.reserve(static_cast<std::size_t>(all.size()));
  for (Id item : all) items.push_back(item);
  return items;
}

bool append_pairs(const Tree& tree, Id list, std::vector<Id>& pairs) {
  for (const Id pair : tree.items(list)) {
    const Tag tag = tree[pair].tag;
    if ((tag != Tag::list && tag != Tag::tuple) || tree[pair].size != 2) return false;
    pairs.push_back(tree.item(pair, 0));
    pairs.push_back(tree.item(pair, 1));
  }
  return true;
}

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

}  // namespace mmappickle::pickle
