#include "simplify.h"

#include <unordered_set>

#include "../base/utf8.h"
#include "../numpy/kernels.h"

namespace mmappickle::plan {

using pickle::Id;
using pickle::Node;
using pickle::Tag;

bool is_r_text(Bytes text) {
  const TextKind kind = classify_text(text);
  return kind == TextKind::ascii || kind == TextKind::utf8;
}

bool is_r_text(const pickle::Tree& tree, Id id) {
  const Tag tag = tree[id].tag;
  return tag == Tag::text     ? is_r_text(tree.bytes_of(id))
         : tag == Tag::string ? classify_text(tree.bytes_of(id)) == TextKind::ascii
                              : false;
}

Simple integer_type(const Node& node, bool bit64) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  if (node.tag != Tag::integer) return Simple::no;
  const std::int64_t v = node.integer;
  if (v > numpy::kNaInteger && v <= INT32_MAX) return Simple::integer;
  if (v >= -exact && v <= exact) return Simple::real;
  if (v != numpy::kNaInteger64 && bit64) return Simple::integer64;
  return Simple::no;
}

Simple simplified(const pickle::Tree& tree, Id sequence, bool bit64) {
  bool logical = false, text = false, floating = false;
  Simple whole = Simple::no;  // the widest of the ints
  std::unordered_set<Id> checked;
  for (Id id : tree.items(sequence)) {
    const Node& node = tree[id];
    switch (node.tag) {
      case Tag::none:
        break;
      case Tag::boolean:
        logical = true;
        break;
      case Tag::text:
      case Tag::string:
        text = true;
        // A long one that stands there often is looked at once.
        if (node.size >= kLongText && !checked.insert(id).second) break;
        if (!is_r_text(tree, id)) return Simple::no;
        break;
      case Tag::real:
        floating = true;
        break;
      case Tag::integer: {
        const Simple type = integer_type(node, bit64);
        if (type == Simple::no) return Simple::no;
        whole = std::max(whole, type);
        break;
      }
      default:
        return Simple::no;
    }
  }
  const bool number = floating || whole != Simple::no;
  if (logical + text + number != 1) return Simple::no;
  if (logical) return Simple::logical;
  if (text) return Simple::character;
  if (!floating) return whole;
  return whole == Simple::integer64 ? Simple::no : Simple::real;
}

}  // namespace mmappickle::plan
