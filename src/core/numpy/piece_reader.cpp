#include "piece_reader.h"

namespace mmappickle::numpy {

void PieceReader::want(std::uint64_t at, std::uint64_t n, std::uint8_t* to) {
  if (n == 0) return;
  if (!pieces_.empty()) {
    Piece& last = pieces_.back();
    const std::uint64_t end = last.at + last.size, begin = pieces_.front().at;
    if (at == end && to == last.to + last.size &&
        (pieces_.size() == 1 || n <= kMost - (at - begin))) {
      last.size += n;
      return;
    }
    const bool close =
        at >= end && at - end <= kGap && at - begin <= kMost && n <= kMost - (at - begin);
    if (!close) finish();
  }
  pieces_.push_back({at, n, to});
}

void PieceReader::finish() {
  if (pieces_.empty()) return;
  const Piece& first = pieces_.front();
  const Piece& last = pieces_.back();
  const std::uint64_t size = last.at + last.size - first.at;
  if (pieces_.size() == 1) {
    for (std::uint64_t done = 0; done < size;) {
      constexpr std::uint64_t kBetweenTicks = 8 << 20;
      const std::uint64_t n = size - done < kBetweenTicks ? size - done : kBetweenTicks;
      file_.read(first.at + done, first.to + done, n);
      done += n;
      if (tick_) tick_(n);
    }
  } else {
    bytes_.resize(size);
    file_.read(first.at, bytes_.data(), size);
    for (const Piece& piece : pieces_) {
      std::memcpy(piece.to, bytes_.data() + (piece.at - first.at), piece.size);
    }
    if (tick_) tick_(size);
  }
  pieces_.clear();
}

}  // namespace mmappickle::numpy
