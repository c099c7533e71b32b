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

Parse take_shape(Cursor& c, Extents& extents) {
  if (c.take(op::EMPTY_TUPLE)) return Parse::ok;
  const bool marked = c.take(op::MARK);
  for (;;) {
    const std::uint8_t tuple = c.peek();
    if (tuple == op::TUPLE || (tuple >= op::TUPLE1 && tuple <= op::TUPLE3)) {
      const bool counts =
          tuple == op::TUPLE ? marked
                             : !marked && extents.shape.size() == 1u + tuple - op::TUPLE1;
      if (!counts) return Parse::other;
      c.skip(1);
      return Parse::ok;
    }
    if (extents.shape.size() > kMaxRank) return Parse::other;
    std::uint64_t extent = 0;
    bool negative = false;
    const Parse parse = take_integer(c, extent, negative);
    if (parse != Parse::ok) return parse;
    extents.negative |= negative;
    extents.shape.push_back(extent);
  }
}

bool find_length(Cursor c, std::uint64_t& at) {
  c.take(op::MARK);
  at = c.rest().at() + 1;
  return c.peek() == op::BININT;
}

bool skip_filling(Cursor& c) {
  Image ignored;
  return c.peek() != op::SHORT_BINBYTES ||
         (take_bytes(c, ignored) == Parse::ok && c.take(op::POP));
}

}  // namespace mmappickle::numpy
