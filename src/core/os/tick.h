// The clock of file systems.
#pragma once

#include <chrono>

#include "file.h"

namespace mmappickle::os {

// Two changes within one tick of the file system's clock have the same time: that of the
// coarsest clock, twice, in ns.
constexpr std::int64_t kTick = 20000000;

// Since the last change, in ns; negative where the clocks differ.
inline std::int64_t age(const Status& status) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() -
         status.ctime_ns;
}

// Whether a later change may have the same times.
inline bool is_young(const Status& status) { return age(status) < kTick; }

// True if, as far as times tell, the content has not changed: a link more or less changes
// ctime alone.
inline bool same_content(const Status& before, const Status& now) {
  return now.identity == before.identity && now.size == before.size &&
         now.mtime_ns == before.mtime_ns &&
         (now.ctime_ns == before.ctime_ns || now.links != before.links);
}

}  // namespace mmappickle::os
