#include "reader.h"

#include "names.h"

namespace mmappickle::metadata {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using pickle::Tree;

namespace {

bool are_attributes(const Tree& tree, Id list) {
  for (Id pair : tree.items(list)) {
    const Node& node = tree[pair];
    if (node.tag != Tag::list || node.size < 2 || node.size > 3) return false;
    if (tree[tree.item(pair, 0)].tag != Tag::text) return false;
    if (node.size == 3 && tree[tree.item(pair, 2)].tag != Tag::dict) return false;
  }
  return true;
}

}  // namespace

Members read_members(const Tree& tree, Id metadata) {
  Members members;
  if (metadata == kNoId) return members;
  if (tree[metadata].tag != Tag::dict) {
    members.fits = false;
    return members;
  }
  Id name = kNoId;
  for (Id id : tree.items(metadata)) {
    if (name == kNoId) {
      name = id;
      continue;
    }
    const Tag tag = tree[id].tag;
    if (tree.is_text(name, kMetaType) && tag == Tag::text) {
      members.type = tree.bytes_of(id);
    } else if (tree.is_text(name, kMetaValue)) {
      members.value = id;
    } else if (tree.is_text(name, kMetaBytes) && tag == Tag::list) {
      members.bytes = id;
    } else if (tree.is_text(name, kMetaChildren) && tag == Tag::dict) {
      members.children = id;
    } else if (tree.is_text(name, kMetaAttributes) && tag == Tag::list &&
               are_attributes(tree, id)) {
      members.attributes = id;
    } else {
      members.fits = false;
    }
    name = kNoId;
  }
  return members;
}

Id attribute(const Tree& tree, Id attributes, const char* name) {
  if (attributes == kNoId) return kNoId;
  for (Id pair : tree.items(attributes)) {
    if (tree.is_text(tree.item(pair, 0), name)) return tree.item(pair, 1);
  }
  return kNoId;
}

}  // namespace mmappickle::metadata
