// The opcodes of Python's pickle, protocols 0 to 5, by the names of `pickletools`.
#pragma once

#include <cstdint>

#include "../base/image.h"

namespace mmappickle::pickle::op {

// What stands behind an opcode.
enum class Argument : std::uint8_t {
  unknown,  // it is no opcode
  none,
  number1,  // a little-endian number of so many bytes (BINFLOAT: big-endian)
  number2,
  number4,
  number8,
  counted1,  // so many bytes that say how many more follow, and these
  counted4,
  counted8,
  counted_int,  // the same, in 4 bytes, below 2^31
  line,         // text up to a line feed
  two_lines,
};

// Which part of the machine executes it.
enum class Family : std::uint8_t { stack, number, text, container, memo, object };

// row(name, code, argument, family) for each, protocols 0 and 1 first, then 2, 3, 4
// and 5. All that is known of an opcode without executing it stands here.
// clang-format off
#define MMAPPICKLE_OPCODES(row) \
  row(MARK, '(', none, stack) \
  row(STOP, '.', none, stack) \
  row(POP, '0', none, stack) \
  row(POP_MARK, '1', none, stack) \
  row(DUP, '2', none, stack) \
  row(FLOAT, 'F', line, number) \
  row(INT, 'I', line, number) \
  row(BININT, 'J', number4, number) \
  row(BININT1, 'K', number1, number) \
  row(LONG, 'L', line, number) \
  row(BININT2, 'M', number2, number) \
  row(NONE, 'N', none, stack) \
  row(PERSID, 'P', line, object) \
  row(BINPERSID, 'Q', none, object) \
  row(REDUCE, 'R', none, object) \
  row(STRING, 'S', line, text) \
  row(BINSTRING, 'T', counted_int, text) \
  row(SHORT_BINSTRING, 'U', counted1, text) \
  row(UNICODE, 'V', line, text) \
  row(BINUNICODE, 'X', counted4, text) \
  row(APPEND, 'a', none, container) \
  row(BUILD, 'b', none, object) \
  row(GLOBAL, 'c', two_lines, object) \
  row(DICT, 'd', none, container) \
  row(EMPTY_DICT, '}', none, container) \
  row(APPENDS, 'e', none, container) \
  row(GET, 'g', line, memo) \
  row(BINGET, 'h', number1, memo) \
  row(INST, 'i', two_lines, object) \
  row(LONG_BINGET, 'j', number4, memo) \
  row(LIST, 'l', none, container) \
  row(EMPTY_LIST, ']', none, container) \
  row(OBJ, 'o', none, object) \
  row(PUT, 'p', line, memo) \
  row(BINPUT, 'q', number1, memo) \
  row(LONG_BINPUT, 'r', number4, memo) \
  row(SETITEM, 's', none, container) \
  row(TUPLE, 't', none, container) \
  row(EMPTY_TUPLE, ')', none, container) \
  row(SETITEMS, 'u', none, container) \
  row(BINFLOAT, 'G', number8, number) \
  row(PROTO, 0x80, number1, stack) \
  row(NEWOBJ, 0x81, none, object) \
  row(EXT1, 0x82, number1, object) \
  row(EXT2, 0x83, number2, object) \
  row(EXT4, 0x84, number4, object) \
  row(TUPLE1, 0x85, none, container) \
  row(TUPLE2, 0x86, none, container) \
  row(TUPLE3, 0x87, none, container) \
  row(NEWTRUE, 0x88, none, stack) \
  row(NEWFALSE, 0x89, none, stack) \
  row(LONG1, 0x8a, counted1, number) \
  row(LONG4, 0x8b, counted_int, number) \
  row(BINBYTES, 'B', counted4, text) \
  row(SHORT_BINBYTES, 'C', counted1, text) \
  row(SHORT_BINUNICODE, 0x8c, counted1, text) \
  row(BINUNICODE8, 0x8d, counted8, text) \
  row(BINBYTES8, 0x8e, counted8, text) \
  row(EMPTY_SET, 0x8f, none, container) \
  row(ADDITEMS, 0x90, none, container) \
  row(FROZENSET, 0x91, none, container) \
  row(NEWOBJ_EX, 0x92, none, object) \
  row(STACK_GLOBAL, 0x93, none, object) \
  row(MEMOIZE, 0x94, none, memo) \
  row(FRAME, 0x95, number8, stack) \
  row(BYTEARRAY8, 0x96, counted8, text) \
  row(NEXT_BUFFER, 0x97, none, object) \
  row(READONLY_BUFFER, 0x98, none, object)
// clang-format on

#define MMAPPICKLE_OPCODE(name, code, argument, family) name = code,
enum Opcode : std::uint8_t { MMAPPICKLE_OPCODES(MMAPPICKLE_OPCODE) };
#undef MMAPPICKLE_OPCODE

struct Properties {
  Argument argument = Argument::unknown;
  Family family = Family::object;  // which refuses what is no opcode
};
struct Table {
  Properties of[256];
};
constexpr Table table() {
  Table table{};
#define MMAPPICKLE_OPCODE(name, code, argument, family) \
  table.of[name] = Properties{Argument::argument, Family::family};
  MMAPPICKLE_OPCODES(MMAPPICKLE_OPCODE)
#undef MMAPPICKLE_OPCODE
  return table;
}
inline constexpr Table kTable = table();

constexpr Argument argument_of(std::uint8_t opcode) { return kTable.of[opcode].argument; }
constexpr Family family_of(std::uint8_t opcode) { return kTable.of[opcode].family; }

// An opcode with its argument, as it stands in a value.
struct Instruction {
  std::uint8_t opcode = STOP;
  std::uint64_t head = 0;    // bytes in front of the payload
  std::uint64_t number = 0;  // the argument's; else the size of what is counted
  Image payload;             // what is counted; may be terabytes, and is not looked at
  std::uint64_t size() const { return head + payload.size(); }
};
// The one at the front of `bytes`. False for one that does not fit, for PROTO, FRAME and
// STOP, which stand around values, and for arguments of lines, whose length only a search
// can tell.
bool read_instruction(const Image& bytes, Instruction& instruction);

}  // namespace mmappickle::pickle::op
