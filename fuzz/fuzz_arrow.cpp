// Any bytes as a pickle, every node of which is asked what it is of pyarrow's: each
// answer lies inside its bytes, names nodes that there are and codes that are below their
// bounds, and is no larger than the bytes allow.
#include "../src/core/arrow/arrow.h"
#include "../src/core/base/error.h"
#include "../src/core/pickle/reader.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

std::int32_t int32_at(const numpy::Array& array, std::uint64_t i) {
  return load_i32(array.data + 4 * i);
}

void check(const pickle::Tree& tree, const arrow::Column& column) {
  for (const arrow::Column& part : column.parts) check(tree, part);
  const std::uint64_t inner = column.parts.empty() ? 0 : column.parts[0].count;
  switch (column.form) {
    case arrow::Form::vector:
      require(column.array.count() == column.count);
      fuzz::decode_all(column.array);
      break;
    case arrow::Form::strings:
    case arrow::Form::objects:
      require(tree[column.list].size == column.count);
      for (const pickle::Id item : tree.items(column.list)) {
        const std::string copy(tree.text_of(item));  // all of it can be read
        require(copy.size() <= tree[item].size);
      }
      break;
    case arrow::Form::factor:
      require(column.array.count() == column.count);
      for (std::uint64_t i = 0; i < column.count; ++i) {
        const std::int32_t code = int32_at(column.array, i);
        require(code >= -1 && code < static_cast<std::int64_t>(inner));
      }
      break;
    case arrow::Form::lists:
      require(column.array.count() == column.count);
      require(column.sizes.count() == column.count);
      for (std::uint64_t i = 0; i < column.count; ++i) {
        const std::int64_t start = int32_at(column.array, i);
        const std::int64_t size = int32_at(column.sizes, i);
        require(size >= -1 && start >= 0);
        require(size <= 0 || start + size <= static_cast<std::int64_t>(inner));
      }
      break;
    case arrow::Form::frame:
      require(tree[column.list].size == column.parts.size());
      for (const arrow::Column& part : column.parts) require(part.count == column.count);
      break;
    case arrow::Form::foreign:
      require(column.node < tree.size() || column.node >= pickle::kSmallInts);
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pickle::Tree tree;
  if (!fuzz::read(tree, Bytes(data, size))) return 0;
  numpy::Recogniser arrays(tree);
  pickle::Budget budget;
  arrow::Recogniser arrow(tree, arrays, budget);
  const std::size_t nodes = tree.size();
  for (pickle::Id id = 0; id < nodes; ++id) {
    if (tree[id].tag != pickle::Tag::object) continue;
    arrow::Column column;
    if (arrow.read(id, column)) check(tree, column);
  }
  require(tree.size() <= nodes + (std::uint64_t{1} << 20) + 64 * size);
  return 0;
}
