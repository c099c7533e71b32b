// A hash whose collisions nobody can choose who does not know its seed: for tables over
// keys that a file names.
#pragma once

#include <array>
#include <cstdint>

#include "bytes.h"

namespace mmappickle {

class SeededHash {
 public:
  using Seed = std::array<std::uint64_t, 2>;
  SeededHash();  // of this process's seed
  explicit SeededHash(const Seed& seed) : seed_(seed) {}
  std::uint32_t operator()(Bytes bytes) const;

 private:
  Seed seed_;
};

}  // namespace mmappickle
