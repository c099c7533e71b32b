// Checks each byte of a file's structure, and repairs what can be.
#pragma once

#include <string>
#include <vector>

#include "store.h"

namespace mmappickle::store {

struct Finding {
  std::uint64_t at = 0, bytes = 0;
  std::string key;      // of the entry concerned, or empty
  std::string problem;  // one sentence
  std::string action;   // what a repair does (or did): one sentence
  bool harmful = true;  // false: remarks, such as arrays of the old form
};
struct Report {
  std::vector<Finding> findings;
  std::uint64_t keys = 0;  // live ones that are whole
  bool repaired = false;
};
// Looks at header, frames, keys, states, values (parsed), paddings, duplicates,
// terminator, what lies behind it. With `repair`: cuts what lies behind the terminator,
// marks older duplicates and damaged values dead, cuts a broken tail at the end of the
// last whole entry and writes a terminator; not where whole entries stand behind the
// broken place, which a cut would lose. Never writes without `repair`. The exclusive
// lock is held; Error of kind io, busy as in opening; format for what is no mmapdict.
Report fsck(const std::string& path, bool repair, const Options& options,
            os::Seam& seam = os::real_seam());

}  // namespace mmappickle::store
