// Parts of a file written over in place.
#pragma once

#include <memory>

#include "../base/runs.h"
#include "map.h"

namespace mmappickle::os {

// A few runs are written one by one. Many, which would take a system call each, are
// stored through a shared map of the file, where stores reach it as writes do: where maps
// and files agree, the guard stands, and the runs lie in no hole (a store into one takes
// disk space, and a full disk would be a fault). Bytes beside the runs are neither read
// nor written: others may write them at the same time.
//
// The map is kept for the next call, as its pages come one fault each. Nobody is given
// its address.
class Overwriter {
 public:
  // So many runs are many.
  static constexpr std::size_t kMany = 16;

  // `file` is `identity`, and has `size` bytes; the runs end there at the latest. Some
  // may have been written when it throws: Error of kind io, or stale where the file was
  // cut meanwhile.
  void write(File& file, const Identity& identity, std::uint64_t size, const Runs& runs);
  void reset() { *this = Overwriter(); }

 private:
  bool is_mapped(const File& file, const Identity& identity, std::uint64_t size,
                 std::uint64_t begin, std::uint64_t end);

  std::shared_ptr<Mapping> map_;
  File::Range solid_{0, 0};  // where the file of map_ was seen to have no holes
};

}  // namespace mmappickle::os
