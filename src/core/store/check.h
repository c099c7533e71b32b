// What a file holds that is whole, and what is not; for fsck().
#pragma once

#include "fsck.h"

namespace mmappickle::store {

struct Checked {
  Report report;
  std::vector<Frame> whole;  // the live entries that a repair keeps, in file order
  std::vector<Range> lost;   // live bytes that a repair cannot keep where they belong
  bool needs_repair = false;
};
// Error of kind format for a header that is none.
Checked check(Bytes file, const std::function<void()>& poll);

}  // namespace mmappickle::store
