// Bytes to value tree: a stack machine for every opcode of protocols 0 to 5. It calls
// nothing, imports nothing, recurses nowhere, and takes time and memory linear in the
// bytes. What CPython's unpickler rejects as no pickle is an Error of kind format with
// the offset; what it would call, build or import becomes an inert node.
#pragma once

#include <functional>

#include "../base/image.h"
#include "tree.h"

namespace mmappickle::pickle {

// Where the very opcodes of a value may stand, to mean what they mean here.
enum class Placement : std::uint8_t {
  anywhere,  // in any entry of any mmapdict
  alone,     // in a pickle of their own: FRAME, MEMOIZE, protocol 5, names of Python 2,
             // slots of the memo beyond reason
  nowhere,   // pickle.load() could not load them: persistent ids, extension codes,
             // out-of-band buffers, Python 2 strings that are not ASCII, what ReadBehind
             // knows
};

struct Pickle {
  Id root = kNoId;
  Id metadata = kNoId;         // R metadata directly before STOP (see EntryValue)
  std::uint64_t consumed = 0;  // bytes up to and with STOP
  Placement placement = Placement::nowhere;
  Bytes opcodes;           // of the value: without PROTO, R metadata and STOP
  std::uint32_t memo = 0;  // one more than the highest slot that these use, 0 for none
};

// Bytes that stand in the midst of a pickle and are none of it: who writes them has a
// reader of its own (joblib). Asked behind each BUILD: `object` is what was built,
// `behind` all that follows, at that offset for errors. True, and how many bytes belong
// to the object, if some may; the object is then what its reader would make of them.
using ReadBehind = std::function<bool(Id object, Bytes behind, std::uint64_t offset,
                                      std::uint64_t& size)>;

// One whole pickle, from its first opcode (PROTO is optional) to STOP. `input` must
// outlive the tree. `base` is added to offsets in errors. `behind` may be empty.
Pickle read_pickle(Tree& tree, Bytes input, std::uint64_t base = 0,
                   const ReadBehind& behind = {});

// The inside of an mmapdict entry: key, value and, behind it, maybe R metadata that is
// pushed and popped again (see FORMAT: SHORT_BINUNICODE "mmappickle:R", BININT1 1, dict,
// TUPLE3, POP as the last opcodes). No PROTO, no STOP; memo starts empty.
struct EntryValue {
  Id key = kNoId, value = kNoId;
  Id metadata = kNoId;  // the dict, or kNoId
  Bytes opcodes;        // of the value, if they may stand anywhere; else empty
};
EntryValue read_entry(Tree& tree, Bytes key_and_value, std::uint64_t base = 0);

// The beginning of an entry: no more than `most` bytes are looked at, beside the data of
// bytes objects that lie in memory, which nothing looks at. No errors.
struct Begun {
  enum Reach : std::uint8_t { whole, begun, broken } reach = broken;
  EntryValue entry;  // of a whole one
  // Else what lies lowest on the stack above the key, as far as it was made: the value,
  // or a part of it. kNoId, or whatever stands above a mark: a value that is made of its
  // items at once.
  Id first = kNoId;
  bool marked = false;
};
Begun begin_entry(Tree& tree, const Image& key_and_value, std::uint64_t most);

// How Python's decimal literal `digits` (LONG, INT: optional sign, underscores no) reads:
// true and the value if it fits 64 bits.
bool parse_decimal(Bytes digits, std::int64_t& value);

}  // namespace mmappickle::pickle
