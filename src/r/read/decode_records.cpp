// Structured arrays with objects among their fields: NumPy pickles these item by item, as
// tuples. Their columns become nodes of the tree, to be read like any other list.
#include "r/read/decode.h"

namespace mmappickle {

using numpy::Kind;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

// Rank 1: a data frame; rank 0: a list of the one item's fields.
void Decoder::classify_records(Plan& plan, const numpy::Array& array) {
  const Id columns = columns_of(array.dtype, array.objects, !array.shape.empty(), 0);
  if (columns == kNoId) {
    throw Error(ErrorKind::format,
                "An array is damaged: its items do not have the fields of its dtype.");
  }
  classify_same(plan, columns);
}

// A dict from the fields to their columns. `tuples`: a list of tuples. kNoId if one of
// them does not fit.
Id Decoder::columns_of(const numpy::Dtype& dtype, Id tuples, bool as_frame, int depth) {
  if (depth > numpy::kMaxDtypeDepth) return kNoId;
  const std::size_t n = dtype.fields.size();
  std::vector<std::vector<Id>> columns(n);
  for (Id tuple : tree_.items(tuples)) {
    if (tree_[tuple].tag != Tag::tuple || tree_[tuple].size != n) return kNoId;
    std::size_t i = 0;
    for (Id item : tree_.items(tuple)) columns[i++].push_back(item);
  }
  std::vector<Id> pairs;
  for (std::size_t i = 0; i < n; ++i) {
    const numpy::Dtype& field = dtype.fields[i].dtype;
    Id column = tree_.container(Tag::list, columns[i]);
    if (field.kind == Kind::structured && field.subshape.empty()) {
      column = columns_of(field, column, as_frame, depth + 1);
      if (column == kNoId) return kNoId;
    } else if (!as_frame) {
      column = columns[i][0];
    }
    pairs.push_back(tree_.text(tree_.keep(dtype.fields[i].name)));
    pairs.push_back(column);
  }
  const Id dict = tree_.container(Tag::dict, pairs);
  if (as_frame) rows_[dict] = tree_[tuples].size;
  return dict;
}

}  // namespace mmappickle
