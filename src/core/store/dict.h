// The dict that a plain pickle holds, as keys and values for an mmapdict.
#pragma once

#include <string>
#include <vector>

#include "../pickle/tree.h"

namespace mmappickle::store {

struct Member {
  std::string_view key;
  pickle::Id value = pickle::kNoId, metadata = pickle::kNoId;
};
// In the order in which Python would list them. `metadata`: the R metadata of the whole
// dict, or kNoId. Error of kind value if `root` is no dict, OrderedDict, defaultdict or
// Counter; of kind key for a key that is no text, or none for an mmapdict. Texts of
// NumPy's are made plain ones, in the tree.
std::vector<Member> members_of(pickle::Tree& tree, pickle::Id root, pickle::Id metadata);

}  // namespace mmappickle::store
