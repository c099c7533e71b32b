#include "object.h"

#include "../base/utf8.h"

namespace mmappickle::python {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using pickle::Tree;

const char* const kObjectPart[kObjectParts] = {"callable", "args",  "keywords",
                                               "state",    "items", "dict_items"};

void object_parts(const Tree& tree, Id id, Id* parts) {
  for (int i = 0; i < kObjectParts; ++i) parts[i] = kNoId;
  const Node& node = tree[id];
  if (node.tag == Tag::persistent) {
    parts[3] = node.first;
    return;
  }
  if (node.first != kNoId && tree[node.first].tag != Tag::global) parts[0] = node.first;
  parts[1] = node.second;
  if (const pickle::Extra* extra = tree.extra_of(id)) {
    parts[2] = extra->keywords;
    parts[3] = extra->state;
    parts[4] = extra->items;
    parts[5] = extra->dict_items;
  }
}

std::string callable_name(const Tree& tree, Id callable) {
  std::string path;
  // Each step goes to another node; so many names are enough for any class.
  for (int depth = 0; depth < 32 && callable != kNoId; ++depth) {
    if (tree[callable].tag == Tag::global) return tree.global_name(callable) + path;
    if (tree[callable].tag != Tag::object || tree[callable].first == kNoId) return {};
    const std::string by = tree.global_name(tree[callable].first);
    const Id arguments = tree[callable].second;
    if (arguments == kNoId || tree[arguments].tag != Tag::tuple) return {};
    const Id name = tree.item(arguments, 1);
    if (by == "builtins.getattr" && name != kNoId && tree[name].tag == Tag::text) {
      path = '.' + std::string(tree.text_of(name)) + path;
    } else if (by != "functools.partial") {
      return {};
    }
    callable = tree.item(arguments, 0);
  }
  return {};
}

namespace {

// Functions that make instances of the class which is their first argument; the last
// are Cython's.
bool takes_class(const std::string& function) {
  return function == "copyreg._reconstructor" || function == "copyreg.__newobj__" ||
         function == "copyreg.__newobj_ex__" ||
         function == "array._array_reconstructor" ||
         function.find("pandas.core.indexes.") == 0 ||  // _new_Index() and the like
         function.find(".__pyx_unpickle_") != std::string::npos;
}

}  // namespace

std::string class_name(const Tree& tree, Id id) {
  const Node& node = tree[id];
  std::string name;
  if (node.tag == Tag::global) {
    name = tree.global_name(id);
  } else {
    name = callable_name(tree, node.first);
    const Id arguments = node.second;
    if (takes_class(name) && arguments != kNoId && tree[arguments].size > 0 &&
        tree[arguments].tag == Tag::tuple) {
      const std::string of = callable_name(tree, tree.item(arguments, 0));
      if (!of.empty()) name = of;
    }
  }
  static const std::string maker = ".__new__";
  if (name.size() > maker.size() &&
      name.compare(name.size() - maker.size(), maker.size(), maker) == 0) {
    name.resize(name.size() - maker.size());
  }
  return name.empty() ? "object" : escape_text(Bytes(name));
}

}  // namespace mmappickle::python
