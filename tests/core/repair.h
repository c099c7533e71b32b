// fsck() with a repair, for loops: nobody else has the file open, and to look for one who
// has (in all of /proc) takes longer than all else. store_systems_test.cpp has that look.
#pragma once

#include "../../src/core/store/fsck.h"

namespace mmappickle::store {

inline Report repair(const std::string& path) {
  return fsck(path, true, Options{}, os::real_system_calls(), true);
}

}  // namespace mmappickle::store
