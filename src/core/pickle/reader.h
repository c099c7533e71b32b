// Bytes to value tree: a stack machine for every opcode of protocols 0 to 5. It calls
// nothing, imports nothing, recurses nowhere, and takes time and memory linear in the
// bytes. What CPython's unpickler rejects as no pickle is an Error of kind format with
// the offset; what it would call, build or import becomes an inert node.
#pragma once

#include "tree.h"

namespace mmappickle::pickle {

struct Pickle {
  Id root = kNoId;
  std::uint64_t consumed = 0;  // bytes up to and with STOP
};

// One whole pickle, from its first opcode (PROTO is optional) to STOP. `input` must
// outlive the tree. `base` is added to offsets in errors.
Pickle read_pickle(Tree& tree, Bytes input, std::uint64_t base = 0);

// The inside of an mmapdict entry: key, value and, behind it, maybe R metadata that is
// pushed and popped again (see FORMAT: SHORT_BINUNICODE "mmappickle:R", BININT1 1, dict,
// TUPLE3, POP as the last opcodes). No PROTO, no STOP; memo starts empty.
struct EntryValue {
  Id key = kNoId, value = kNoId;
  Id metadata = kNoId;  // the dict, or kNoId
};
EntryValue read_entry(Tree& tree, Bytes key_and_value, std::uint64_t base = 0);

// How Python's decimal literal `digits` (LONG, INT: optional sign, underscores no) reads:
// true and the value if it fits 64 bits.
bool parse_decimal(Bytes digits, std::int64_t& value);

}  // namespace mmappickle::pickle
