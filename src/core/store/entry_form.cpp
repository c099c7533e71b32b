#include "entry_form.h"

#include "../numpy/array_form.h"
#include "../pickle/opcodes.h"
#include "../pickle/writer.h"
#include "layout.h"

namespace mmappickle::store {

namespace op = pickle::op;

ValueWriter::ValueWriter(const numpy::StoredValue& stored_value)
    : writer_(stored_value.tree, [this, &stored_value](const pickle::Node& node,
                                                       pickle::ArrayPart part) {
        const auto& array = stored_value.arrays[static_cast<std::size_t>(node.integer)];
        if (part == pickle::ArrayPart::head) numpy::write_nested_head(*draft_, array);
        if (part == pickle::ArrayPart::tail) numpy::write_nested_tail(*draft_, array);
        return numpy::node_inside(array);
      }) {}

void ValueWriter::write(pickle::Id value, Draft& draft, pickle::Memo& memo) {
  draft_ = &draft;
  writer_.write(value, draft, memo);
}

void write_value(Draft& draft, const numpy::StoredValue& stored_value, pickle::Memo& memo,
                 ValueWriter& writer) {
  if (stored_value.opcodes.size == 0)
    return writer.write(stored_value.value, draft, memo);
  memo.reserve(stored_value.memo);
  draft.put(std::shared_ptr<const Source>(memory_source(stored_value.opcodes)));
}

void write_metadata(Draft& draft, const numpy::StoredValue& stored_value,
                    pickle::Memo& memo, ValueWriter& writer) {
  if (stored_value.metadata == pickle::kNoId) return;
  pickle::put_text(draft, "mmappickle:R");
  pickle::put_integer(draft, 1);
  writer.write(stored_value.metadata, draft, memo);
  draft.put(op::TUPLE3);
  draft.put(op::POP);
}

NewEntry write_entry(Draft& draft, std::string_view key,
                     const numpy::StoredValue& stored_value) {
  ValueWriter writer(stored_value);
  return write_entry(draft, key, stored_value, writer);
}

NewEntry write_entry(Draft& draft, std::string_view key,
                     const numpy::StoredValue& stored_value, ValueWriter& writer) {
  const std::uint64_t begin = draft.at();
  const pickle::Node& root = stored_value.tree[stored_value.value];
  const numpy::NewArray* array =
      root.tag == pickle::Tag::array
          ? &stored_value.arrays[static_cast<std::size_t>(root.integer)]
          : nullptr;
  const bool has_head = array != nullptr && numpy::has_head(*array);
  if (has_head) numpy::write_padding(draft, key.size(), *array);

  NewEntry entry;
  entry.padding = draft.at() - begin;
  entry.at = draft.at();
  draft.put(op::FRAME);
  draft.put_le(0, 8);  // patched below

  pickle::Memo memo(has_head ? 0 : 1);
  if (has_head) {
    numpy::write_array_entry(draft, key, *array, memo,
                             [&](pickle::Id fill) { writer.write(fill, draft, memo); });
  } else {
    pickle::put_text(draft, key);
    write_value(draft, stored_value, memo, writer);
  }
  write_metadata(draft, stored_value, memo, writer);

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
