// The one writer of R metadata, whose members are told in names.h.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "../pickle/tree.h"

namespace mmappickle::metadata {

// `metadata`: of the attribute's value, or kNoId.
struct Attribute {
  pickle::Id name = pickle::kNoId, value = pickle::kNoId, metadata = pickle::kNoId;
};

// The metadata of the item at a position (from 0; see kMetaChildren).
struct Child {
  std::uint64_t position = 0;
  pickle::Id metadata = pickle::kNoId;
};

// What there is to say of one value: all that is not null, kNoId or empty.
struct NewMembers {
  const char* type = nullptr;        // a literal
  pickle::Id value = pickle::kNoId;  // R's own vector
  pickle::Id bytes = pickle::kNoId;  // positions of strings in the encoding "bytes"
  std::vector<Attribute> attributes{};
  std::vector<Child> children{};
};

// For all values of one tree, into which the dicts go.
class Writer {
 public:
  explicit Writer(pickle::Tree& tree) : tree_(tree) {}

  // The dict; kNoId where there is nothing to say.
  pickle::Id write(const NewMembers& members);
  // A text node, one for all that are equal. Borrows: for literals.
  pickle::Id word(std::string_view literal);

 private:
  pickle::Id list_of(const std::vector<Attribute>& attributes);
  pickle::Id dict_of(const std::vector<Child>& children);

  pickle::Tree& tree_;
  std::unordered_map<std::string_view, pickle::Id> words_;
};

}  // namespace mmappickle::metadata
