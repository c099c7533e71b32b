#include "writer.h"

#include "names.h"

namespace mmappickle::metadata {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

Id Writer::word(std::string_view literal) {
  Id& node = words_.emplace(literal, kNoId).first->second;
  if (node == kNoId) node = tree_.text(literal);
  return node;
}

Id Writer::list_of(const std::vector<Attribute>& attributes) {
  std::vector<Id> entries;
  entries.reserve(attributes.size());
  for (const Attribute& attribute : attributes) {
    const Id entry = tree_.container(Tag::list, {attribute.name, attribute.value});
    if (attribute.metadata != kNoId) tree_.append(entry, attribute.metadata);
    entries.push_back(entry);
  }
  return tree_.container(Tag::list, entries);
}

Id Writer::dict_of(const std::vector<Child>& children) {
  std::vector<Id> items;
  items.reserve(2 * children.size());
  for (const Child& child : children) {
    items.push_back(tree_.integer(static_cast<std::int64_t>(child.position)));
    items.push_back(child.metadata);
  }
  return tree_.container(Tag::dict, items);
}

Id Writer::write(const NewMembers& members) {
  std::vector<Id> items;
  const auto add = [&](const char* name, Id value) {
    items.push_back(word(name));
    items.push_back(value);
  };
  if (members.type) add(kMetaType, word(members.type));
  if (members.value != kNoId) add(kMetaValue, members.value);
  if (members.bytes != kNoId) add(kMetaBytes, members.bytes);
  if (!members.attributes.empty()) add(kMetaAttributes, list_of(members.attributes));
  if (!members.children.empty()) add(kMetaChildren, dict_of(members.children));
  return items.empty() ? kNoId : tree_.container(Tag::dict, items);
}

}  // namespace mmappickle::metadata
