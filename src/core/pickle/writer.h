// Value tree to bytes, in protocol 4 as the Python library has it in its entries: no
// PROTO, FRAME, STOP or MEMOIZE; BINPUT and LONG_BINPUT only for nodes met more than
// once.
#pragma once

#include <functional>
#include <string_view>

#include "../base/draft.h"
#include "tree.h"

namespace mmappickle::pickle {

// Hands out the memo slots of one entry, upwards.
class Memo {
 public:
  // The Python library begins at 1; forms that name their slots begin at 0.
  explicit Memo(std::uint32_t first = 0) : first_(first), next_(first) {}
  std::uint32_t take() { return next_++; }
  // "memo max": one more than the highest slot, 0 if there is none.
  std::uint32_t used() const { return next_ == first_ ? 0 : next_; }

 private:
  std::uint32_t first_, next_;
};

// Writes the value and leaves it as the one new object on the stack: byte for byte what
// CPython's C pickler writes at protocol 4, lists and dicts in batches of 1000 and all,
// after the Python library has dropped the memos that nobody gets. What CPython memoises
// (texts, bytes, containers, globals, objects) is memoised here when its node stands in
// the tree more than once, so sharing and cycles survive, and the size is linear in the
// tree; numbers, True, False and None never are. `write_array` is called for Tag::array,
// once for each such node; it leaves one object, too. Large bytes and texts go into the
// draft by reference: the tree and what it borrows must live until the draft is written.
// Error of kind unsupported, with nothing written, for what pickle.load() could not load:
// persistent ids, extension codes, out-of-band buffers, Python 2 strings that are not
// ASCII.
void write_value(const Tree& tree, Id value, Draft& draft, Memo& memo,
                 const std::function<void(const Node&)>& write_array);

// Single pieces, for forms that are written by hand.
void put_text(Draft& draft, std::string_view utf8);  // shortest *BINUNICODE*
void put_text_head(Draft& draft, std::uint64_t n);   // without the text
void put_bytes_head(Draft& draft, std::uint64_t n);  // shortest *BINBYTES*, without data
void put_integer(Draft& draft, std::int64_t value);  // BININT1 ... LONG1
void put_memo(Draft& draft, std::uint32_t slot);     // BINPUT or LONG_BINPUT
void get_memo(Draft& draft, std::uint32_t slot);     // BINGET or LONG_BINGET
void put_global(Draft& draft, std::string_view module, std::string_view name);

}  // namespace mmappickle::pickle
