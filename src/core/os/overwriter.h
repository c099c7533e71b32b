// Parts of a file written over in place.
#pragma once

#include <memory>

#include "../base/runs.h"
#include "map.h"

namespace mmappickle::os {

// A few pieces are written one by one. Many, which would take a system call each, are
// stored through a shared map of the file, where stores reach it as writes do: where maps
// and files agree, the guard stands, and the pieces lie in no hole (a store into one
// takes disk space, and a full disk would be a fault). Bytes beside the pieces are
// neither read nor written: others may write them at the same time.
//
// The map is kept for the next call, as its pages come one fault each. Nobody is given
// its address.
class Overwriter {
 public:
  // So many pieces are many.
  static constexpr std::uint64_t kMany = 4;

  // `file` is `identity`, and has `size` bytes; the runs end there at the latest.
  // `moved`: the file's times were moved by a write of this session. Some may have been
  // written when it throws: Error of kind io, or stale where the file was cut meanwhile.
  void write(File& file, const Identity& identity, std::uint64_t size, const Runs& runs,
             bool moved = false);
  void reset() { *this = Overwriter(); }

 private:
  bool is_mapped(const File& file, const Identity& identity, std::uint64_t size,
                 const File::Range& span);
  bool is_solid(const File& file, const File::Range& span);

  std::shared_ptr<Mapping> map_;
  File::Range solid_{0, 0};  // where the file of map_ was seen to have no holes
};

}  // namespace mmappickle::os
