// A hash whose collisions nobody can choose who does not know its seed: for tables over
// keys that a file names.
#pragma once

#include <cstdint>

#include "bytes.h"

namespace mmappickle {

class SeededHash {
 public:
  SeededHash();  // of a seed of its own
  std::uint32_t operator()(Bytes bytes) const;

 private:
  std::uint64_t seed_[2];
};

}  // namespace mmappickle
