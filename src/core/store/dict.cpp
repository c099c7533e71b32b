#include "dict.h"

#include <algorithm>

#include "../base/utf8.h"
#include "../numpy/kernels.h"
#include "../numpy/recognise.h"
#include "../pickle/inert.h"
#include "store.h"

namespace mmappickle::store {

namespace {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using pickle::Tree;

// Keys and values, one behind the other.
void add_items(const Tree& tree, Id dict, std::vector<Id>& pairs) {
  for (const Id item : tree.items(dict)) pairs.push_back(item);
}

bool is_dict_class(const pickle::Call& call) {
  return call.is_of("collections", "OrderedDict") ||
         call.is_of("collections", "defaultdict") || call.is_of("collections", "Counter");
}

// A dict, or a class of dicts called with another one (Counter), a list of pairs
// (OrderedDict), the class of the values (defaultdict) or nothing, and filled.
bool find_pairs(const Tree& tree, Id root, std::vector<Id>& pairs) {
  const Node& node = tree[root];
  if (node.tag == Tag::dict) {
    add_items(tree, root, pairs);
    return true;
  }
  const pickle::Call call(tree, root);
  if (!is_dict_class(call)) return false;
  for (const Id argument : tree.items(node.second)) {
    if (tree[argument].tag == Tag::dict) {
      add_items(tree, argument, pairs);
    } else if (tree[argument].tag == Tag::list && !append_pairs(tree, argument, pairs)) {
      return false;
    }
  }
  if (call.after().dict_items != kNoId) add_items(tree, call.after().dict_items, pairs);
  return true;
}

std::string shown(const Tree& tree, Id key) {
  const Node& node = tree[key];
  switch (node.tag) {
    case Tag::none:
      return "None";
    case Tag::boolean:
      return node.flag ? "True" : "False";
    case Tag::integer:
      return "the int " + std::to_string(node.integer);
    case Tag::real:
      return "the float " + std::to_string(node.real);
    case Tag::bytes:
    case Tag::string:
      return "the bytes '" + escape_text(tree.bytes_of(key)) + "'";
    case Tag::tuple:
      return "a tuple";
    case Tag::list:
      return "a list";
    case Tag::set:
    case Tag::frozenset:
      return "a set";
    case Tag::text:
      return "a text";
    case Tag::object: {
      const std::string name = tree.global_name(node.first);
      return name.empty() ? "an object" : "an object of " + escape_text(Bytes(name));
    }
    default:
      return "an object";
  }
}

// A text of NumPy's as one of Python's, which is equal to it; else `key`.
Id plain_key(Tree& tree, numpy::Recogniser& recogniser, Id key) {
  if (tree[key].tag != Tag::object) return key;
  const numpy::Recognised found = recogniser.recognise(key);
  if (found.found != numpy::Found::scalar ||
      found.array.dtype.kind != numpy::Kind::unicode) {
    return key;
  }
  bool escaped = false;
  std::string text = decode_string(found.array.dtype, found.array.data, &escaped);
  return escaped ? key : tree.text(tree.keep(std::move(text)));
}

// Text of Python 3; of Python 2 what pickle.load takes for it.
std::string_view text_key(const Tree& tree, Id key) {
  const Tag tag = tree[key].tag;
  const bool ascii = classify_text(tree.bytes_of(key)) == TextKind::ascii;
  if (tag != Tag::text && !(tag == Tag::string && ascii)) {
    throw Error(ErrorKind::key, "a key of the dict is no text: it is " + shown(tree, key),
                "The keys of an mmapdict are text. Change the dict in Python.");
  }
  check_key(tree.text_of(key));
  return tree.text_of(key);
}

// By position: the metadata of each value.
std::vector<Id> metadata_of(const Tree& tree, Id metadata, std::size_t count) {
  std::vector<Id> found(count, kNoId);
  if (metadata == kNoId) return found;
  const std::vector<Id> parts = items_of(tree, metadata);
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    if (!tree.is_text(parts[i], "children")) continue;
    const std::vector<Id> children = items_of(tree, parts[i + 1]);
    for (std::size_t c = 0; c + 1 < children.size(); c += 2) {
      const Node& at = tree[children[c]];
      if (at.tag == Tag::integer && at.integer >= 0 &&
          static_cast<std::uint64_t>(at.integer) < count &&
          tree[children[c + 1]].tag == Tag::dict) {
        found[static_cast<std::size_t>(at.integer)] = children[c + 1];
      }
    }
  }
  return found;
}

}  // namespace

std::vector<Member> members_of(Tree& tree, Id root, Id metadata) {
  std::vector<Id> pairs;
  if (!find_pairs(tree, root, pairs)) {
    throw Error(ErrorKind::value, "the pickle holds no dict: it is " + shown(tree, root),
                "Only a dict can become an mmapdict; read_pickle() reads any value.");
  }
  const std::size_t n = pairs.size() / 2;
  const std::vector<Id> known = metadata_of(tree, metadata, n);
  std::vector<Member> members(n);
  numpy::Recogniser recogniser(tree);
  for (std::size_t i = 0; i < n; ++i) {
    const Id key = plain_key(tree, recogniser, pairs[2 * i]);
    members[i] = {text_key(tree, key), pairs[2 * i + 1], known[i]};
  }
  // Of a key that repeats the first place and the last value count.
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return members[a].key < members[b].key;
  });
  std::vector<bool> dropped(n, false);
  for (std::size_t i = 1, first = 0; i < n; ++i) {
    if (members[order[i]].key != members[order[first]].key) {
      first = i;
      continue;
    }
    members[order[first]] = members[order[i]];
    dropped[order[i]] = true;
  }
  std::vector<Member> kept;
  for (std::size_t i = 0; i < n; ++i) {
    if (!dropped[i]) kept.push_back(members[i]);
  }
  return kept;
}

}  // namespace mmappickle::store
