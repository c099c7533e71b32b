// Where the bytes of a large payload come from: memory, a range of a file, zeros, or a
// conversion that is made as the bytes are asked for.
#pragma once

#include <memory>

#include "bytes.h"

namespace mmappickle {

// Immutable. Reading the same range twice gives the same bytes; a Source that can fail
// (a file) throws Error. Values were checked when the Source was made: what it yields
// always fits its dtype.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::uint64_t size() const = 0;
  // Copies `n` bytes from `offset` on; the caller keeps inside size().
  virtual void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const = 0;
  // All bytes at once if they lie in memory, else {nullptr, 0}: saves a copy.
  virtual Bytes in_memory() const { return {}; }
  // The next bytes at or behind `from` that may be other than zero; those before them
  // may be left as a hole of the file. {size(), size()}: there are none.
  struct Range {
    std::uint64_t begin, end;
  };
  virtual Range next_data(std::uint64_t from) const { return {from, size()}; }
};

// Borrowed memory; the caller keeps it alive as long as the Source.
std::shared_ptr<Source> memory_source(Bytes bytes);
// `size` bytes of another Source, from `offset` on.
std::shared_ptr<Source> part_source(std::shared_ptr<const Source> whole,
                                    std::uint64_t offset, std::uint64_t size);
// `size` zeros, to be left as a hole.
std::shared_ptr<Source> hole_source(std::uint64_t size);

}  // namespace mmappickle
