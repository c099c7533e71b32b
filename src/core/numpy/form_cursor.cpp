#include "form_cursor.h"

#include "../base/bytes.h"

namespace mmappickle::numpy {

Parse take_bytes(Cursor& c, Image& bytes) {
  op::Instruction next;
  const Parse parse =
      take_one_of(c, next, op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8);
  bytes = next.payload;
  return parse;
}

Parse take_short_text(Cursor& c, Bytes& text) {
  op::Instruction next;
  const Parse parse = take_one_of(c, next, op::SHORT_BINUNICODE);
  text = next.payload.bytes(0, next.payload.size());
  return parse;
}

Parse take_integer(Cursor& c, std::uint64_t& value, bool& negative) {
  op::Instruction next;
  const Parse parse =
      take_one_of(c, next, op::BININT1, op::BININT2, op::BININT, op::LONG1);
  if (parse != Parse::ok) return parse;
  value = next.number;
  negative = next.opcode == op::BININT && value >> 31;
  if (next.opcode != op::LONG1) return Parse::ok;
  const std::uint64_t size = next.payload.size();
  if (size > 8) return Parse::other;
  value = load_le(next.payload.bytes(0, size).data, static_cast<int>(size));
  negative = size > 0 && (value >> (8 * size - 1) & 1);
  return Parse::ok;
}

}  // namespace mmappickle::numpy
