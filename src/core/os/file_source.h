// A range of a file as a Source: for copies from file to file.
#pragma once

#include <memory>

#include "../base/source.h"
#include "file.h"

namespace mmappickle::os {

// `size` bytes of `file` from `offset` on. They must not change before the Source has
// been read: the caller holds the file's lock, or knows that nobody writes there. It is a
// hole where the file system says that the whole range is one.
std::shared_ptr<Source> file_source(std::shared_ptr<const File> file,
                                    std::uint64_t offset, std::uint64_t size);

}  // namespace mmappickle::os
