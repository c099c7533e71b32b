// A whole new entry, with its padding where it holds an array: frame, key, value, R
// metadata, tail.
#pragma once

#include <string_view>

#include "../base/draft.h"
#include "../numpy/recipe.h"

namespace mmappickle::store {

struct NewEntry {
  std::uint64_t padding = 0;  // bytes of the padding entry in front, or 0
  std::uint64_t at = 0;       // of the entry's frame
  std::uint64_t length = 0;
  std::uint64_t state_at = 0;
};
// In the dead state. The draft's first 11 bytes are FRAME, length, SHORT_BINUNICODE and a
// key's size: what the commit writes over the terminator.
NewEntry write_entry(Draft& draft, std::string_view key, const numpy::Recipe& recipe);

}  // namespace mmappickle::store
