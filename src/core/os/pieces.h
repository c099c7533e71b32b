// A file read piece by piece, for an Image of what is not mapped. Blocks are kept for a
// while, as the structure's bytes lie close together.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "../base/image.h"
#include "file.h"

namespace mmappickle::os {

class Pieces : public Image::Pieces {
 public:
  // Forgets what was read; `file` must live as long as the Image is used.
  void begin(const File& file, std::uint64_t size);
  const std::uint8_t* read(std::uint64_t offset, std::uint64_t n) override;

 private:
  static constexpr std::uint64_t kBlock = 4096;
  const std::uint8_t* block(std::uint64_t index);

  const File* file_ = nullptr;
  std::uint64_t size_ = 0;
  std::unordered_map<std::uint64_t, std::vector<std::uint8_t>> blocks_;
  std::deque<std::uint64_t> order_;               // of the blocks, oldest first
  std::deque<std::vector<std::uint8_t>> others_;  // pieces that lie in two blocks or more
};

}  // namespace mmappickle::os
