// Brings reads together: pieces of a file that are wanted one after the other, each with
// its place in memory, become one read where they lie close.
#pragma once

#include <functional>
#include <vector>

#include "../base/source.h"

namespace mmappickle::numpy {

class PieceReader {
 public:
  PieceReader(const Source& file, const std::function<void(std::uint64_t)>& tick)
      : file_(file), tick_(tick) {}

  // `n` bytes at `at`; they are at `to` after finish() at the latest.
  void want(std::uint64_t at, std::uint64_t n, std::uint8_t* to);
  void finish();

 private:
  // What lies between two pieces is read, too, up to so many bytes: that takes less than
  // another system call.
  static constexpr std::uint64_t kGap = 4096, kMost = 1 << 18;
  struct Piece {
    std::uint64_t at, size;
    std::uint8_t* to;
  };

  const Source& file_;
  const std::function<void(std::uint64_t)>& tick_;
  std::vector<Piece> pieces_;  // ascending, and close to each other
  std::vector<std::uint8_t> bytes_;
};

}  // namespace mmappickle::numpy
