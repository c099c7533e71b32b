// A file replaced as a whole, or not at all.
#pragma once

#include <functional>
#include <string>

#include "../os/file.h"

namespace mmappickle::store {

// The new file is written by `write` beside the old one (or none), synced, and renamed
// over it; mode and owner stay, and links to the file lead to the new one. On any error
// the old file is as it was, and the new one is gone. Error of kind io for an old file
// that may not be written.
void replace_file(const std::string& path, os::Seam& seam,
                  const std::function<void(os::File&)>& write);

// Error of kind io for a file with several hard links: the others would keep the old
// content. Of kind busy where other processes have the file open, unless `force`.
void check_alone(const os::Status& status, bool force);

}  // namespace mmappickle::store
