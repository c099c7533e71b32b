// Entries to values; for the files of this room.
#pragma once

#include "store.h"

namespace mmappickle::store {

// Fills in all of `loaded` but its mapping. Error of kind format for an entry whose value
// cannot be read. `entry`: the bytes of the frame, in a file of that commit number.
void parse(Bytes entry, const Frame& frame, std::int32_t number, Loaded& loaded);
// The same, of the whole file's bytes.
void parse(Bytes file, const Frame& frame, Loaded& loaded);
// The same, and an Error for an array inside of the value that cannot be read, either:
// what fsck() calls whole.
void parse_sound(Bytes file, const Frame& frame, Loaded& loaded);

// The arrays whose data stand in the value and serve nothing else: that of an array
// entry, or those that this package writes inside of values; none without data, none of
// objects.
std::vector<numpy::Array> own_arrays(Loaded& loaded);

}  // namespace mmappickle::store
