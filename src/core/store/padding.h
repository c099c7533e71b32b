// Dead entries that stand directly before a live one to put its arrays at a multiple of
// 64: the padding of an array entry (FORMAT, section 3), and the filler, which vacuum
// puts before an entry with nested arrays. They belong to that entry, and are no dead
// space.
#pragma once

#include "../base/output.h"
#include "layout.h"

namespace mmappickle::store {

struct Padding {
  std::uint64_t at = 0, length = 0;  // length 0: none
  std::uint64_t swallowed = 0;       // L of an array's padding; a filler: 0
};

// True if the frame (of a whole entry) can be such a padding.
bool is_padding(const Image& file, const Frame& frame, Padding& padding);
// True if `padding` serves the entry directly behind it.
bool belongs(const Image& file, const Padding& padding, const Frame& entry);

// A filler after which the next byte stands at `remainder` modulo 64; nothing where it
// stands there already.
//   filler = FRAME n  8c 00  NONE [SHORT_BINBYTES m <m zeros> POP]  tail, dead
void write_filler(Output& output, std::uint64_t remainder);

}  // namespace mmappickle::store
