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

// row(name, code, argument) for each, protocols 0 and 1 first, then 2, 3, 4 and 5. All
// that is known of an opcode without executing it stands here.
// clang-format off
#define MMAPPICKLE_OPCODES(row) \
  row(MARK, '(', none) \
  row(STOP, '.', none) \
  row(POP, '0', none) \
  row(POP_MARK, '1', none) \
  row(DUP, '2', none) \
  row(FLOAT, 'F', line) \
  row(INT, 'I', line) \
  row(BININT, 'J', number4) \
  row(BININT1, 'K', number1) \
  row(LONG, 'L', line) \
  row(BININT2, 'M', number2) \
  row(NONE, 'N', none) \
  row(PERSID, 'P', line) \
  row(BINPERSID, 'Q', none) \
  row(REDUCE, 'R', none) \
  row(STRING, 'S', line) \
  row(BINSTRING, 'T', counted_int) \
  row(SHORT_BINSTRING, 'U', counted1) \
  row(UNICODE, 'V', line) \
  row(BINUNICODE, 'X', counted4) \
  row(APPEND, 'a', none) \
  row(BUILD, 'b', none) \
  row(GLOBAL, 'c', two_lines) \
  row(DICT, 'd', none) \
  row(EMPTY_DICT, '}', none) \
  row(APPENDS, 'e', none) \
  row(GET, 'g', line) \
  row(BINGET, 'h', number1) \
  row(INST, 'i', two_lines) \
  row(LONG_BINGET, 'j', number4) \
  row(LIST, 'l', none) \
  row(EMPTY_LIST, ']', none) \
  row(OBJ, 'o', none) \
  row(PUT, 'p', line) \
  row(BINPUT, 'q', number1) \
  row(LONG_BINPUT, 'r', number4) \
  row(SETITEM, 's', none) \
  row(TUPLE, 't', none) \
  row(EMPTY_TUPLE, ')', none) \
  row(SETITEMS, 'u', none) \
  row(BINFLOAT, 'G', number8) \
  row(PROTO, 0x80, number1) \
  row(NEWOBJ, 0x81, none) \
  row(EXT1, 0x82, number1) \
  row(EXT2, 0x83, number2) \
  row(EXT4, 0x84, number4) \
  row(TUPLE1, 0x85, none) \
  row(TUPLE2, 0x86, none) \
  row(TUPLE3, 0x87, none) \
  row(NEWTRUE, 0x88, none) \
  row(NEWFALSE, 0x89, none) \
  row(LONG1, 0x8a, counted1) \
  row(LONG4, 0x8b, counted_int) \
  row(BINBYTES, 'B', counted4) \
  row(SHORT_BINBYTES, 'C', counted1) \
  row(SHORT_BINUNICODE, 0x8c, counted1) \
  row(BINUNICODE8, 0x8d, counted8) \
  row(BINBYTES8, 0x8e, counted8) \
  row(EMPTY_SET, 0x8f, none) \
  row(ADDITEMS, 0x90, none) \
  row(FROZENSET, 0x91, none) \
  row(NEWOBJ_EX, 0x92, none) \
  row(STACK_GLOBAL, 0x93, none) \
  row(MEMOIZE, 0x94, none) \
  row(FRAME, 0x95, number8) \
  row(BYTEARRAY8, 0x96, counted8) \
  row(NEXT_BUFFER, 0x97, none) \
  row(READONLY_BUFFER, 0x98, none)
// clang-format on

#define MMAPPICKLE_OPCODE(name, code, argument) name = code,
enum Opcode : std::uint8_t { MMAPPICKLE_OPCODES(MMAPPICKLE_OPCODE) };
#undef MMAPPICKLE_OPCODE

constexpr Argument argument_of(std::uint8_t opcode) {
#define MMAPPICKLE_OPCODE(name, code, argument) \
  case code:                                    \
    return Argument::argument;
  switch (opcode) {
    MMAPPICKLE_OPCODES(MMAPPICKLE_OPCODE)
    default:
      return Argument::unknown;
  }
#undef MMAPPICKLE_OPCODE
}

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
