#include "overwriter.h"

#include <algorithm>
#include <cstring>

#include "../base/prefetch.h"
#include "guard.h"
#include "native.h"

namespace mmappickle::os {
namespace {

void write_each(File& file, const Runs& runs) {
  const std::uint8_t* bytes = runs.bytes;
  for (std::size_t i = 0; i < runs.count; ++i) {
    const Run& run = runs.begin[i];
    for (std::uint64_t k = 0; k < run.count; ++k, bytes += run.size) {
      file.write_at(run.place(k), Bytes(bytes, static_cast<std::size_t>(run.size)));
    }
  }
}

// From the first byte to the end of the last, and in how many pieces.
File::Range span_of(const Runs& runs, std::uint64_t& pieces) {
  File::Range span{UINT64_MAX, 0};
  for (std::size_t i = 0; i < runs.count; ++i) {
    const Run& run = runs.begin[i];
    if (run.count == 0) continue;
    const std::uint64_t last = run.place(run.count - 1);
    span.begin = std::min({span.begin, run.at, last});
    span.end = std::max({span.end, run.at + run.size, last + run.size});
    pieces += run.count;
  }
  return span;
}

// Calls for the memory of pieces before it is their turn.
class Ahead {
 public:
  Ahead(const std::uint8_t* map, const Runs& runs)
      : map_(map), run_(runs.begin), end_(runs.begin + runs.count) {
    for (int i = 0; i < 32; ++i) next();
  }
  void next() {
    if (run_ == end_) return;
    prefetch_to_write(map_ + run_->place(piece_));
    if (++piece_ < run_->count) return;
    piece_ = 0;
    ++run_;
  }

 private:
  const std::uint8_t* map_;
  const Run *run_, *end_;
  std::uint64_t piece_ = 0;
};

// Stores runs from the i-th on whose pieces have kSize bytes each, which processors store
// at once; 0: as many as that one's have. Gives the next one.
template <std::uint64_t kSize>
std::size_t store_pieces(std::uint8_t* map, const Runs& runs, std::size_t i,
                         const std::uint8_t*& bytes, Ahead& ahead) {
  const std::uint64_t size = kSize ? kSize : runs.begin[i].size;
  for (; i < runs.count && runs.begin[i].size == size; ++i) {
    const Run& run = runs.begin[i];
    for (std::uint64_t k = 0; k < run.count; ++k, bytes += size) {
      ahead.next();
      std::memcpy(map + run.place(k), bytes, kSize ? kSize : size);
    }
  }
  return i;
}

}  // namespace

Outcome SystemCalls::store(std::uint8_t* map, const Runs& runs) {
  const std::uint8_t* bytes = runs.bytes;
  Ahead ahead(map, runs);
  for (std::size_t i = 0; i < runs.count;) {
    switch (runs.begin[i].size) {
      case 1:
        i = store_pieces<1>(map, runs, i, bytes, ahead);
        break;
      case 2:
        i = store_pieces<2>(map, runs, i, bytes, ahead);
        break;
      case 4:
        i = store_pieces<4>(map, runs, i, bytes, ahead);
        break;
      case 8:
        i = store_pieces<8>(map, runs, i, bytes, ahead);
        break;
      case 16:
        i = store_pieces<16>(map, runs, i, bytes, ahead);
        break;
      default:
        i = store_pieces<0>(map, runs, i, bytes, ahead);
    }
  }
  return {0, runs.count};
}

bool Overwriter::is_mapped(const File& file, const Identity& identity, std::uint64_t size,
                           const File::Range& span) {
  SystemCalls& system = file.system();
  if (!system.maps_follow_files() || !Guard::stands() || span.end > file.limit()) {
    return false;
  }
  if (!map_ || map_->identity() != identity ||
      !map_->covers(span.begin, span.end - span.begin)) {
    reset();
    if (!Mapping::is_affordable(size)) return false;
    try {
      map_ = Mapping::shared(file, size);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::io) throw;
      return false;  // no such maps here, or no room for one
    }
  }
  return is_solid(file, span);
}

// To look takes the system as long as its pages in memory are many: what is known grows
// with what joins it.
bool Overwriter::is_solid(const File& file, const File::Range& span) {
  if (span.begin >= solid_.begin && span.end <= solid_.end) return true;
  const bool joins = span.begin <= solid_.end && span.end >= solid_.begin;
  const File::Range data = file.next_data(span.begin, span.end);
  if (data.begin != span.begin || data.end != span.end) return false;
  solid_ = joins ? File::Range{std::min(solid_.begin, span.begin),
                               std::max(solid_.end, span.end)}
                 : span;
  return true;
}

void Overwriter::write(File& file, const Identity& identity, std::uint64_t size,
                       const Runs& runs, bool moved) {
  std::uint64_t pieces = 0;
  const File::Range span = span_of(runs, pieces);
  if (pieces < kMany || !is_mapped(file, identity, size, span)) {
    return write_each(file, runs);
  }
  // One piece by a write: stores alone would not always move the file's times. (Where the
  // system holds files in large pages, a write takes as long as many stores.)
  if (!moved) {
    const Run first{runs.begin->at, runs.begin->size};
    write_each(file, {&first, 1, runs.bytes});
  }
  auto* const pages = const_cast<std::uint8_t*>(map_->data());
  const Outcome outcome =
      native::uninterrupted([&] { return file.system().store(pages, runs); });
  if (outcome.error != 0) fail_io("write to", file.path(), outcome.error);
  const bool damaged = map_->damaged();
  if (damaged) reset();
  if (file.status().size < span.end) {
    throw Error(ErrorKind::stale, "the file was cut while it was written", "Try again.");
  }
  // There were no pages to be had: a write tells why.
  if (damaged) write_each(file, runs);
}

}  // namespace mmappickle::os
