// Any bytes as a pickle, every node of which is asked what it is in NumPy and pandas, as
// R's reader would: each answer lies inside its bytes, and new nodes are few.
#include "../src/core/base/error.h"
#include "../src/core/pandas/pandas.h"
#include "../src/core/pickle/reader.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

void decode_pandas(const pickle::Tree& tree, const pandas::Object& value) {
  const auto check = [&](pickle::Id id) {
    if (id < pickle::kSmallInts && id >= tree.size()) __builtin_trap();
  };
  for (const pickle::Id part : value.parts) check(part);
  for (const pickle::Id id : {value.list, value.names, value.name, value.label_texts,
                              value.index, value.index_column, value.index_name,
                              value.column_texts, value.columns, value.attributes}) {
    check(id);
  }
  if (value.kind == pandas::Type::vector || value.kind == pandas::Type::factor) {
    fuzz::decode_all(value.array);
  }
  for (const numpy::Array& codes : value.codes) fuzz::decode_all(codes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pickle::Tree tree;
  if (!fuzz::read(tree, Bytes(data, size))) return 0;
  numpy::Recogniser arrays(tree);
  pandas::Recogniser frames(tree, arrays);
  // Columns are nodes that come along: they are asked, too.
  for (pickle::Id id = 0; id < tree.size(); ++id) {
    // (Texts of Arrow's are nodes: what the budget has to begin with may go into them.)
    if (tree.size() > 64 * size + 4096 + (std::size_t{1} << 20)) __builtin_trap();
    const pickle::Tag tag = tree[id].tag;
    if (tag != pickle::Tag::object && tag != pickle::Tag::global &&
        tag != pickle::Tag::array) {
      continue;
    }
    if (tag == pickle::Tag::object) {
      const numpy::Recognised found = arrays.recognise(id);
      if (found.found == numpy::Found::array || found.found == numpy::Found::scalar) {
        fuzz::decode_all(found.array);
      }
      if (found.found == numpy::Found::nothing) {
        const numpy::Derived derived = arrays.derived(id);
        if (derived.array != pickle::kNoId) {
          const numpy::Recognised own = arrays.recognise(derived.array);
          if (own.found == numpy::Found::array) fuzz::decode_all(own.array);
        }
      }
    }
    if (const pandas::Object* value = frames.recognise(id)) decode_pandas(tree, *value);
  }
  return 0;
}
