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
        if (part == pickle::ArrayPart::head) numpy::write_nested_head(*output_, array);
        if (part == pickle::ArrayPart::tail) numpy::write_nested_tail(*output_, array);
        return numpy::node_inside(array);
      }) {}

void ValueWriter::write(pickle::Id value, Output& output, pickle::Memo& memo) {
  output_ = &output;
  writer_.write(value, output, memo);
}

void write_value(Output& output, const numpy::StoredValue& stored_value,
                 pickle::Memo& memo, ValueWriter& writer) {
  if (stored_value.opcodes.size == 0)
    return writer.write(stored_value.value, output, memo);
  memo.reserve(stored_value.memo);
  output.put(std::shared_ptr<const Source>(memory_source(stored_value.opcodes)));
}

void write_metadata(Output& output, const numpy::StoredValue& stored_value,
                    pickle::Memo& memo, ValueWriter& writer) {
  if (stored_value.metadata == pickle::kNoId) return;
  write_roomy_metadata(output, stored_value, memo, writer, 0);
}

void write_roomy_metadata(Output& output, const numpy::StoredValue& stored_value,
                          pickle::Memo& memo, ValueWriter& writer,
                          std::uint64_t filling) {
  pickle::put_text(output, "mmappickle:R");
  pickle::put_integer(output, 1);
  if (filling > 0) {
    const bool is_short = filling <= 3 + 255;
    const std::uint64_t zeros = filling - (is_short ? 3 : 6);
    output.put(is_short ? op::SHORT_BINBYTES : op::BINBYTES);
    output.put_le(zeros, is_short ? 1 : 4);
    output.put_zeros(zeros);
    output.put(op::POP);
  }
  if (stored_value.metadata == pickle::kNoId) {
    output.put(op::EMPTY_DICT);
  } else {
    writer.write(stored_value.metadata, output, memo);
  }
  output.put(op::TUPLE3);
  output.put(op::POP);
}

NewEntry begin_entry(Output& output, std::uint64_t begin) {
  NewEntry entry;
  entry.padding = output.at() - begin;
  entry.at = output.at();
  output.put(op::FRAME);
  output.put_le(0, 8);
  return entry;
}

void end_entry(Output& output, NewEntry& entry, std::uint32_t memo, std::uint8_t state) {
  output.put(op::BININT);
  output.put_le(memo, 4);
  output.put(op::POP);
  entry.state_at = output.at();
  output.put(state);
  output.put(op::POP);
  entry.length = output.at() - entry.at;
  output.patch(entry.at + 1, entry.length - kFrameHead, 8);
}

NewEntry write_entry(Output& output, std::string_view key,
                     const numpy::StoredValue& stored_value) {
  ValueWriter writer(stored_value);
  return write_entry(output, key, stored_value, writer);
}

NewEntry write_entry(Output& output, std::string_view key,
                     const numpy::StoredValue& stored_value, ValueWriter& writer) {
  const std::uint64_t begin = output.at();
  const pickle::Node& root = stored_value.tree[stored_value.value];
  const numpy::NewArray* array =
      root.tag == pickle::Tag::array
          ? &stored_value.arrays[static_cast<std::size_t>(root.integer)]
          : nullptr;
  const bool has_head = array != nullptr && numpy::has_head(*array);
  if (has_head) numpy::write_padding(output, key.size(), *array);

  NewEntry entry = begin_entry(output, begin);
  const bool grows = array != nullptr && array->grows;
  pickle::Memo memo(has_head || grows ? 0 : 1);
  const auto write_fill = [&](pickle::Id fill) { writer.write(fill, output, memo); };
  if (!has_head && grows) {
    numpy::write_growing_entry(output, key, *array, memo, write_fill);
  } else if (has_head) {
    numpy::write_array_entry(output, key, *array, memo, write_fill);
  } else {
    pickle::put_text(output, key);
    write_value(output, stored_value, memo, writer);
  }
  write_metadata(output, stored_value, memo, writer);
  end_entry(output, entry, memo.used(), kDead);
  return entry;
}

}  // namespace mmappickle::store
