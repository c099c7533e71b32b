#include "entry_form.h"

#include "../numpy/array_form.h"
#include "../pickle/opcodes.h"
#include "../pickle/writer.h"
#include "layout.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

// Writes the values of one entry. Arrays may stand in values, and values in arrays of
// objects: each such level of nesting is one level of recursion here.
class ValueWriter {
 public:
  ValueWriter(Draft& draft, const numpy::Recipe& recipe, pickle::Memo& memo)
      : draft_(draft), recipe_(recipe), memo_(memo) {}

  void write(pickle::Id value) {
    pickle::write_value(
        recipe_.tree, value, draft_, memo_, [this](const pickle::Node& n) {
          write_nested(recipe_.arrays[static_cast<std::size_t>(n.integer)]);
        });
  }
  void write_nested(const numpy::NewArray& array) {
    numpy::write_nested_array(draft_, array, memo_,
                              [this](pickle::Id items) { write(items); });
  }

 private:
  Draft& draft_;
  const numpy::Recipe& recipe_;
  pickle::Memo& memo_;
};

}  // namespace

NewEntry write_entry(Draft& draft, std::string_view key, const numpy::Recipe& recipe) {
  const std::uint64_t begin = draft.at();
  const pickle::Node& root = recipe.tree[recipe.value];
  const numpy::NewArray* array =
      root.tag == pickle::Tag::array
          ? &recipe.arrays[static_cast<std::size_t>(root.integer)]
          : nullptr;
  const bool has_head = array != nullptr && numpy::has_head(*array);
  if (has_head) numpy::write_padding(draft, key.size(), *array);

  NewEntry entry;
  entry.padding = draft.at() - begin;
  entry.at = draft.at();
  draft.put(op::FRAME);
  draft.put_le(0, 8);  // patched below

  pickle::Memo memo(has_head ? 0 : 1);
  ValueWriter writer(draft, recipe, memo);
  if (has_head) {
    numpy::write_array_entry(draft, key, *array, memo);
  } else {
    draft.put(op::SHORT_BINUNICODE);
    draft.put(static_cast<std::uint8_t>(key.size()));
    draft.put(key);
    if (array != nullptr) {
      writer.write_nested(*array);
    } else {
      writer.write(recipe.value);
    }
  }
  if (recipe.metadata != pickle::kNoId) {
    pickle::put_text(draft, "mmappickle:R");
    pickle::put_integer(draft, 1);
    writer.write(recipe.metadata);
    draft.put(op::TUPLE3);
    draft.put(op::POP);
  }

  draft.put(op::BININT);
  draft.put_le(memo.used(), 4);
  draft.put(op::POP);
  entry.state_at = draft.at();
  draft.put(kDead);
  draft.put(op::POP);
  entry.length = draft.at() - entry.at;
  draft.patch(entry.at + 1, entry.length - kFrameHead, 8);
  return entry;
}

}  // namespace mmappickle::store
