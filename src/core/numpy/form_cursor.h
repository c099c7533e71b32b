// Steps through the opcodes of array entries. Nothing reads past the end.
#pragma once

#include <cstdint>
#include <string_view>

#include "../base/image.h"
#include "../pickle/opcodes.h"
#include "array.h"

namespace mmappickle::numpy {

namespace op = pickle::op;

// Takes bytes off the front.
class Cursor {
 public:
  explicit Cursor(const Image& rest) : rest_(rest) {}

  bool at(std::string_view s) const { return rest_.starts_with(s); }
  bool take(std::string_view s) { return at(s) && skip(s.size()); }
  bool take(std::uint8_t byte) { return rest_.size() > 0 && rest_[0] == byte && skip(1); }
  bool skip(std::uint64_t n) {
    if (n > rest_.size()) return false;
    rest_ = rest_.from(n);
    return true;
  }
  bool take(std::uint64_t n, Bytes& bytes) {
    if (n > rest_.size()) return false;
    bytes = rest_.bytes(0, n);
    return skip(n);
  }
  bool take(op::Instruction& next) {
    return op::read_instruction(rest_, next) && skip(next.size());
  }
  // The next byte, 0 at the end (which is no opcode).
  std::uint8_t peek() const { return rest_.size() > 0 ? rest_[0] : 0; }
  Image rest() const { return rest_; }
  bool done() const { return rest_.size() == 0; }

 private:
  Image rest_;
};

enum class Parse { ok, other, cut };  // other: sound maybe, but not of this form

// One of these opcodes, with its argument.
template <class... Opcodes>
Parse take_one_of(Cursor& c, op::Instruction& next, Opcodes... opcodes) {
  if (c.done()) return Parse::cut;
  if (((c.peek() != opcodes) && ...)) return Parse::other;
  return c.take(next) ? Parse::ok : Parse::cut;
}

Parse take_bytes(Cursor& c, Image& bytes);
Parse take_short_text(Cursor& c, Bytes& text);
// `negative` of BININT, and of LONG1, which may have up to 8 bytes.
Parse take_integer(Cursor& c, std::uint64_t& value, bool& negative);

struct Extents {
  Shape shape;
  bool negative = false;
};
// Integers and the tuple that they make.
Parse take_shape(Cursor& c, Extents& extents);
// Where the first extent stands of the shape that comes next. False if its width is not
// that of a growing array's.
bool find_length(Cursor c, std::uint64_t& at);
// Bytes that are pushed and popped, if there are any. False for what is no filling.
bool skip_filling(Cursor& c);

}  // namespace mmappickle::numpy
