// A file replaced as a whole, or not at all.
#pragma once

#include <functional>
#include <string>

#include "../os/file.h"

namespace mmappickle::store {

// The new file is written by `write` beside the old one (or none), synced, and renamed
// over it; mode and owner stay, and links to the file lead to the new one. On any error
// the old file is as it was, and the new one is gone. Error of kind io for an old file
// that may not be written. What processes that were killed at this left is removed.
void replace_file(const std::string& path, os::Seam& seam,
                  const std::function<void(os::File&)>& write);

// A file of another name, which must not exist, with mode and owner of `like` (unless
// that is closed). Gone again if `write` throws.
void new_file(const std::string& path, const os::File& like, os::Seam& seam,
              const std::function<void(os::File&)>& write);
// No error if it cannot be.
void remove_quietly(const std::string& path, os::Seam& seam);

// Error of kind io for a file with several hard links: the others would keep the old
// content. Of kind busy where other processes have the file open, unless `force`.
void check_alone(const os::Status& status, bool force);

// For those who still have open a file that was replaced, and do not look whether it was:
// the number is raised, and at zeros behind the terminator the Python library raises an
// error.
void retire(os::File& old, std::int32_t number);

}  // namespace mmappickle::store
