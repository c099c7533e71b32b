// tar archives (ustar, GNU's and pax), as far as to find their one file. All of it is
// foreign: sizes are checked against the bytes.
#pragma once

#include "../base/bytes.h"

namespace mmappickle::files {

// A header of a member at the front: by its checksum, and "ustar".
bool is_tar(Bytes head);
// The one file in it. Error of kind format for none, several, or what is cut off.
Bytes only_file_of_tar(Bytes archive);

}  // namespace mmappickle::files
