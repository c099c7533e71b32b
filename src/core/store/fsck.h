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
  std::string lost;  // path of the file with what could not be kept; empty: there is none
};
// Looks at header, frames, keys, states, values (parsed), paddings, duplicates,
// terminator, what lies behind it, and for whole entries behind a broken place. Writes
// nothing without `repair`.
//
// With `repair`: all live entries that are whole (frame, key, value and tail) are written
// to a new file, which then takes the place of the old one, as vacuum() does it. Live
// bytes that are no part of these go to "<path>.lost" (or ".lost-2" ...: nothing is
// overwritten), an mmapdict of bytes by their offsets in the damaged file. Error of kind
// busy where other processes have the file open, unless `force`; of kind io, as in
// opening, and for several hard links; format for what is no mmapdict. On any error the
// file is as it was.
Report fsck(const std::string& path, bool repair, const Options& options,
            os::SystemCalls& system = os::real_system_calls(), bool force = false);

}  // namespace mmappickle::store
