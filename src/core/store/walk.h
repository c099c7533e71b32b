// One pass over the frames of a file: from header to terminator.
#pragma once

#include <string>
#include <vector>

#include "../base/error.h"
#include "index.h"

namespace mmappickle::store {

// Dead entries in a row, seen whole. They stay what they are as long as their lengths and
// states do: what a key had before each of its changes need not be taken apart again at
// every change that somebody makes.
struct DeadRun {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t bare_heads = 0;  // as in Walk, of these alone
  std::uint64_t digest = 0;      // of where each begins and ends
};

struct Walk {
  std::uint64_t terminator = 0;  // where it stands, or is to stand
  bool torn = false;             // only half of it stands there
  std::uint64_t dead_bytes = 0;  // dead entries and what padded them
  // Entries, live or dead, with the head of an array that no padding hides from pickle:
  // those of the Python library's form are among them.
  std::uint64_t bare_heads = 0;
  // Of live entries whose key stands again further on: where their state stands.
  std::vector<std::uint64_t> duplicates;
  // In file order, no two of them side by side. Left out are paddings that a live entry
  // may be served by.
  std::vector<DeadRun> dead;
};

// Fills `index` with the live entries. What it holds already, of the same file as it was
// `before`, is kept where it still stands as it stood: of that the heads alone are looked
// at. Error of kind format for a header or a frame that is none; `index` is empty then.
// `dead_stay`: what was dead cannot be anything else by now, and is not looked at.
Walk walk(const Image& file, Index& index, const Walk& before = {},
          bool dead_stay = false);

// The Error for what parse_frame() found at `at`.
Error damaged(std::uint64_t at, FrameStatus status, const char* problem);

}  // namespace mmappickle::store
