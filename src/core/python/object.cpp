#include "object.h"

#include "../base/utf8.h"
#include "../pickle/inert.h"

namespace mmappickle::python {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

namespace {

enum Part { kCallable, kArgs, kKeywords, kArray, kFrame, kState, kItems, kDictItems };

}  // namespace

const char* const kObjectPart[kObjectParts] = {
    "callable", "args", "keywords", "array", "frame", "state", "items", "dict_items"};

void object_parts(const Tree& tree, Id id, const numpy::Derived& derived, Id* parts) {
  for (int i = 0; i < kObjectParts; ++i) parts[i] = kNoId;
  if (tree[id].tag == Tag::persistent) {
    parts[kState] = tree[id].first;
    return;
  }
  if (derived.array != kNoId) {
    // pandas' own class, by which it was made, says what it is.
    const bool is_frame = pickle::Call(tree, derived.array).is_of("pandas", "DataFrame");
    parts[is_frame ? kFrame : kArray] = derived.array;
    parts[kState] = derived.rest;
    return;
  }
  const pickle::Call call(tree, id);
  const bool named = call.callable() != kNoId && tree[call.callable()].tag == Tag::global;
  if (!named) parts[kCallable] = call.callable();
  parts[kArgs] = tree[id].second;
  parts[kKeywords] = call.after().keywords;
  parts[kState] = call.after().state;
  parts[kItems] = call.after().items;
  parts[kDictItems] = call.after().dict_items;
}

namespace {

// Functions that make instances of the class which is their first argument; the last
// are Cython's.
bool takes_class(const std::string& function) {
  return function == "copyreg._reconstructor" || function == "copyreg.__newobj__" ||
         function == "copyreg.__newobj_ex__" ||
         function == "array._array_reconstructor" ||
         function == "numpy.core.multiarray._reconstruct" ||
         function == "numpy._core.multiarray._reconstruct" ||
         function == "numpy.ma.core._mareconstruct" ||
         function.find("pandas.core.indexes.") == 0 ||  // _new_Index() and the like
         function.find(".__pyx_unpickle_") != std::string::npos;
}

}  // namespace

std::string class_name(const Tree& tree, Id id) {
  std::string name;
  if (tree[id].tag == Tag::global) {
    name = tree.global_name(id);
  } else {
    const pickle::Call call(tree, id);
    name = name_of_callable(tree, call.callable());
    const std::string of =
        takes_class(name) ? name_of_callable(tree, call[0]) : std::string();
    if (!of.empty()) name = of;
  }
  static const std::string maker = ".__new__";
  if (name.size() > maker.size() &&
      name.compare(name.size() - maker.size(), maker.size(), maker) == 0) {
    name.resize(name.size() - maker.size());
  }
  return name.empty() ? "object" : escape_text(Bytes(name));
}

}  // namespace mmappickle::python
