// The table of opcodes, as its two readers take it: read_instruction(), from the front of
// any bytes, and the unpickler's cursor.
#include <doctest/doctest.h>

#include <string>

#include "base/error.h"
#include "pickle/cursor.h"
#include "pickle/opcodes.h"

using namespace mmappickle;
namespace op = pickle::op;

namespace {

// Bytes up to the next opcode as the cursor takes them; 0 where it raises an Error.
std::uint64_t taken(const std::string& bytes) {
  pickle::Cursor cursor(Bytes(std::string_view(bytes)), 0);
  try {
    cursor.next();
    return cursor.at();
  } catch (const Error&) {
    return 0;
  }
}

std::string behind(int opcode, char size) {
  std::string bytes(1, static_cast<char>(opcode));
  bytes += size;
  return bytes + std::string(7, '\0') + std::string(40, 'x') + "\n" + "\n";
}

}  // namespace

TEST_CASE("opcodes: both readers of opcodes take the same bytes") {
  int known = 0, lines = 0;
  for (int opcode = 0; opcode < 256; ++opcode) {
    CAPTURE(opcode);
    const op::Argument argument = op::argument_of(static_cast<std::uint8_t>(opcode));
    known += argument != op::Argument::unknown;
    const bool is_text =
        argument == op::Argument::line || argument == op::Argument::two_lines;
    lines += is_text;
    for (const char size : {0, 1, 17}) {
      const std::string bytes = behind(opcode, size);
      op::Instruction next;
      const bool read = op::read_instruction(Bytes(std::string_view(bytes)), next);
      const bool around =
          opcode == op::PROTO || opcode == op::FRAME || opcode == op::STOP;
      CHECK(read == (argument != op::Argument::unknown && !is_text && !around));
      if (!read) continue;
      CHECK(next.opcode == opcode);
      CHECK(next.size() == taken(bytes));
      // What is cut off is neither's.
      for (std::uint64_t n = 0; n < next.size(); ++n) {
        op::Instruction cut;
        const std::string part = bytes.substr(0, n);
        CHECK_FALSE(op::read_instruction(Bytes(std::string_view(part)), cut));
        CHECK(taken(part) == 0);
      }
    }
  }
  CHECK(known == 68);  // pickletools.opcodes, of Python 3.8 and later
  CHECK(lines == 10);
}

TEST_CASE("opcodes: an instruction says what it holds, and reads no payload") {
  op::Instruction next;
  CHECK(op::read_instruction(Bytes(std::string_view("K\x07rest")), next));
  CHECK(next.number == 7);
  CHECK(next.size() == 2);
  CHECK(op::read_instruction(Bytes(std::string_view("\x8c\x02hi.")), next));
  CHECK(next.payload.bytes(0, 2).text() == "hi");
  CHECK(next.head == 2);
  const std::string huge("\x8e\xff\xff\xff\xff\xff\xff\xff\xff!", 10);
  CHECK_FALSE(op::read_instruction(Bytes(std::string_view(huge)), next));
}
