// Ranges of a file as Sources: for copies from file to file.
#pragma once

#include <memory>

#include "../base/source.h"
#include "file.h"

namespace mmappickle::os {

// What a Source is, too, whose bytes lie in a file: copied by File::copy_from().
class InFile {
 public:
  virtual ~InFile() = default;
  virtual const File& file() const = 0;
  virtual std::uint64_t offset() const = 0;  // of the first byte
};

// `size` bytes of `file` from `offset` on. They must not change before the Source has
// been read: the caller holds the file's lock, or knows that nobody writes there. Holes
// are where the file system says so.
std::shared_ptr<Source> file_source(std::shared_ptr<const File> file,
                                    std::uint64_t offset, std::uint64_t size);
// `bytes` of a mapping of `file`, which stand there at `offset`: read from memory, with
// the holes of the file. The caller keeps the mapping alive.
std::shared_ptr<Source> mapped_source(std::shared_ptr<const File> file,
                                      std::uint64_t offset, Bytes bytes);

}  // namespace mmappickle::os
