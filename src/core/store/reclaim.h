// Gives the disk space of dead arrays back where they lie.
#pragma once

#include "store.h"

namespace mmappickle::store {

// Punches holes into the data of dead arrays: they read as zeros then, and stay valid
// pickle, so that pickle.load and the Python library read the file as before. (Other dead
// values might mean something else to those who load them: they go with vacuum() only.)
// Left alone are arrays for which `in_use` is true of the entry's range. Error of kind
// busy where other processes have the file open, unless `force`; unsupported where the
// file system has no holes. May be interrupted at any moment. Gives the number of bytes
// that the file takes less on disk.
std::uint64_t reclaim(Store& store, bool force,
                      const std::function<bool(const Range&)>& in_use);

}  // namespace mmappickle::store
