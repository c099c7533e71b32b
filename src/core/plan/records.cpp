#include "records.h"

#include <vector>

namespace mmappickle::plan {

using numpy::Kind;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

Id columns_of(Tree& tree, const numpy::Dtype& dtype, Id tuples, bool as_frame,
              std::unordered_map<Id, std::uint64_t>& rows, int depth) {
  if (depth > numpy::kMaxDtypeDepth) return kNoId;
  const std::size_t n = dtype.fields.size();
  std::vector<std::vector<Id>> columns(n);
  for (Id tuple : tree.items(tuples)) {
    if (tree[tuple].tag != Tag::tuple || tree[tuple].size != n) return kNoId;
    std::size_t i = 0;
    for (Id item : tree.items(tuple)) columns[i++].push_back(item);
  }
  std::vector<Id> pairs;
  for (std::size_t i = 0; i < n; ++i) {
    const numpy::Dtype& field = dtype.fields[i].dtype;
    Id column = tree.container(Tag::list, columns[i]);
    if (field.kind == Kind::structured && field.subshape.empty()) {
      column = columns_of(tree, field, column, as_frame, rows, depth + 1);
      if (column == kNoId) return kNoId;
    } else if (!as_frame) {
      column = columns[i][0];
    }
    pairs.push_back(tree.text(tree.keep(dtype.fields[i].name)));
    pairs.push_back(column);
  }
  const Id dict = tree.container(Tag::dict, pairs);
  if (as_frame) rows[dict] = tree[tuples].size;
  return dict;
}

}  // namespace mmappickle::plan
