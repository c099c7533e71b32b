// What an entry's value is in R, in a few words: "num [2 x 3]", "data.frame 50 x 2". Told
// by its plan, as the value itself is made by it, where the entry is short; by its first
// opcode, its last one and the names of classes where it is long. Never an Error, and in
// bounded time, whatever the bytes are.
#pragma once

#include <string>

#include "../base/image.h"
#include "../metadata/classes.h"
#include "planner.h"

namespace mmappickle::plan {

// How much is looked at of an entry: bytes, but those of numbers in arrays.
constexpr std::uint64_t kMostOfEntry = std::uint64_t{64} << 10;

struct BriefOptions {
  Options plan{};
  metadata::Trust trust = metadata::Trust::usual;
  bool exact_int64 = false;
  bool reversed = false;  // dims = "reversed"
  std::uint64_t most = kMostOfEntry;
};

struct Brief {
  // R's word, or the first class: "num", "list", "factor", "lm". Empty where only
  // Python's word is known, which `text` is then ("sequence", "dict", "geometry.Circle").
  std::string type;
  std::string text;  // with its shape; empty: nothing is known
  // Of one element: how it is shown; a text: its beginning, in UTF-8.
  std::string value;
  bool has_value = false, is_text = false;
  bool damaged = false;  // it cannot be read
};

// `body`: as for numpy::read_array_entry().
Brief brief_of(const Image& body, const BriefOptions& options);

}  // namespace mmappickle::plan
