// New mmapdicts.
#pragma once

#include "store.h"

namespace mmappickle::store {

// Makes sure that `path` names an mmapdict (or, at least, a file that is not empty).
// A new file appears whole (new_file.h), and never in the place of another one. A file of
// no bytes is taken as one that somebody was about to make, and filled.
void create(const std::string& path, const Options& options, os::SystemCalls& system);

}  // namespace mmappickle::store
