#include "opcodes.h"

namespace mmappickle::pickle::op {

namespace {

struct Width {
  int bytes;
  bool counted;  // they say how many more follow
};

// -1 bytes for what is not told by its head.
Width width_of(std::uint8_t opcode) {
  if (opcode == PROTO || opcode == FRAME || opcode == STOP) return {-1, false};
  switch (argument_of(opcode)) {
    case Argument::none:
      return {0, false};
    case Argument::number1:
      return {1, false};
    case Argument::number2:
      return {2, false};
    case Argument::number4:
      return {4, false};
    case Argument::number8:
      return {8, false};
    case Argument::counted1:
      return {1, true};
    case Argument::counted4:
    case Argument::counted_int:
      return {4, true};
    case Argument::counted8:
      return {8, true};
    default:
      return {-1, false};
  }
}

}  // namespace

bool read_instruction(const Image& bytes, Instruction& instruction) {
  if (bytes.size() == 0) return false;
  instruction.opcode = bytes[0];
  const Width width = width_of(instruction.opcode);
  if (width.bytes < 0) return false;
  const auto n = static_cast<std::uint64_t>(width.bytes);
  if (!bytes.holds(1, n)) return false;
  instruction.head = 1 + n;
  instruction.number = n == 0 ? 0 : load_le(bytes.bytes(1, n).data, width.bytes);
  const std::uint64_t counted = width.counted ? instruction.number : 0;
  if (!bytes.holds(instruction.head, counted)) return false;
  instruction.payload = bytes.slice(instruction.head, counted);
  return true;
}

}  // namespace mmappickle::pickle::op
