// Entries to values; for the files of this room.
#pragma once

#include "store.h"

namespace mmappickle::store {

// Fills in all of `loaded` but its mapping. Error of kind format for an entry whose value
// cannot be read.
void parse(Bytes file, const Frame& frame, Loaded& loaded);

}  // namespace mmappickle::store
