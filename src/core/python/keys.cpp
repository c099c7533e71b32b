#include "keys.h"

namespace mmappickle::python {

using pickle::Id;
using pickle::Node;
using pickle::Tag;

namespace {

// Tuples beyond these are taken as equal to themselves only.
constexpr int kDepth = 8;
constexpr std::size_t kLength = 10000;

bool append_key(const pickle::Tree& tree, Id id, int depth, std::string& key) {
  const Node& node = tree[id];
  switch (node.tag) {
    case Tag::none:
      key += 'n';
      return true;
    case Tag::boolean:
      key += node.flag ? "i1" : "i0";
      return true;
    case Tag::integer:
      key += 'i' + std::to_string(node.integer);
      return true;
    case Tag::real:
      if (node.real >= -9.2e18 && node.real <= 9.2e18 &&
          node.real == static_cast<double>(static_cast<std::int64_t>(node.real))) {
        key += 'i' + std::to_string(static_cast<std::int64_t>(node.real));
        return true;
      }
      if (node.real != node.real) return false;
      key += 'r';
      key.append(reinterpret_cast<const char*>(&node.real), 8);
      return true;
    case Tag::text:
    case Tag::string:
    case Tag::bytes:
      key += node.tag == Tag::bytes ? 'b' : 't';
      if (depth != 0) key += std::to_string(node.size) + ':';  // where it ends
      key += tree.text_of(id);
      return true;
    case Tag::tuple:
      if (depth == kDepth) return false;
      key += '(';
      for (Id item : tree.items(id)) {
        if (!append_key(tree, item, depth + 1, key) || key.size() > kLength) return false;
        key += ',';
      }
      key += ')';
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string canonical_key(const pickle::Tree& tree, Id key) {
  std::string text;
  if (!append_key(tree, key, 0, text)) text.clear();
  return text;
}

namespace {

bool is_hashable(const pickle::Tree& tree, Id key, int depth) {
  switch (tree[key].tag) {
    case Tag::list:
    case Tag::dict:
    case Tag::set:
    case Tag::byte_array:
    case Tag::array:
      return false;
    case Tag::tuple:
      if (depth == kDepth) return false;
      for (Id item : tree.items(key)) {
        if (!is_hashable(tree, item, depth + 1)) return false;
      }
      return true;
    default:
      return true;
  }
}

}  // namespace

bool is_hashable(const pickle::Tree& tree, Id key) { return is_hashable(tree, key, 0); }

}  // namespace mmappickle::python
