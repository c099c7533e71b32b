// Value tree to bytes, in protocol 4 as the Python library has it in its entries: no
// PROTO, FRAME, STOP or MEMOIZE; BINPUT and LONG_BINPUT only for nodes met more than
// once.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>

#include "../base/output.h"
#include "tree.h"

namespace mmappickle::pickle {

// Hands out the memo slots of one entry, upwards.
class Memo {
 public:
  // The Python library begins at 1; forms that name their slots begin at 0.
  explicit Memo(std::uint32_t first = 0) : next_(first) {}
  std::uint32_t take() {
    used_ = next_ + 1;
    return next_++;
  }
  // Opcodes that were not written here use slots below `end`.
  void reserve(std::uint32_t end) {
    next_ = std::max(next_, end);
    used_ = std::max(used_, end);
  }
  // "memo max": one more than the highest slot, 0 if there is none.
  std::uint32_t used() const { return used_; }

 private:
  std::uint32_t next_, used_ = 0;
};

// Arrays are written by whoever knows them: bytes, with at most one node of the tree (the
// list of their objects, or a fill value) inside, which the walk over the tree writes.
enum class ArrayPart { inside, head, tail };
// `inside`: gives that node, or kNoId, and writes nothing. Else writes what stands before
// it, or behind.
using WriteArray = std::function<Id(const Node&, ArrayPart)>;

// Writes the value and leaves it as the one new object on the stack: byte for byte what
// CPython's C pickler writes at protocol 4, lists and dicts in batches of 1000 and all,
// after the Python library has dropped the memos that nobody gets. What CPython memoises
// (texts, bytes, containers, globals, objects) is memoised here when its node stands in
// the tree more than once, so sharing and cycles survive, and the size is linear in the
// tree; numbers, True, False and None never are. `write_array` writes Tag::array, once
// for each such node; it leaves one object, too. Large bytes and texts go into the output
// by reference: the tree and what it borrows must live until the output is written. Error
// of kind unsupported, with nothing written, for what pickle.load() could not load:
// persistent ids, extension codes, out-of-band buffers, Python 2 strings that are not
// ASCII.
void write_value(const Tree& tree, Id value, Output& output, Memo& memo,
                 const WriteArray& write_array);

// The same for many values of one tree (which may grow meanwhile), in time linear in what
// is written, whatever the size of the tree. Without `write_array` there may be no
// Tag::array in them.
class Writer;
class ManyWriter {
 public:
  explicit ManyWriter(const Tree& tree, WriteArray write_array = nullptr);
  ~ManyWriter();
  ManyWriter(const ManyWriter&) = delete;
  // False if the value takes more than `limit` bytes: then some of it may be written. The
  // work is linear in the limit, too.
  bool write(Id value, Output& output, Memo& memo, std::uint64_t limit = UINT64_MAX);

 private:
  std::unique_ptr<Writer> writer_;
};

// Single pieces, for forms that are written by hand.
void put_text(Output& output, std::string_view utf8);  // shortest *BINUNICODE*
void put_text_head(Output& output, std::uint64_t n);   // without the text
void put_bytes_head(Output& output,
                    std::uint64_t n);  // shortest *BINBYTES*, without data
void put_integer(Output& output, std::int64_t value);  // BININT1 ... LONG1
void put_memo(Output& output, std::uint32_t slot);     // BINPUT or LONG_BINPUT
void get_memo(Output& output, std::uint32_t slot);     // BINGET or LONG_BINGET
void put_global(Output& output, std::string_view module, std::string_view name);

}  // namespace mmappickle::pickle
