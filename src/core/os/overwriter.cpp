#include "overwriter.h"

#include <algorithm>
#include <cstring>

#include "guard.h"
#include "native.h"

namespace mmappickle::os {
namespace {

void write_each(File& file, const Runs& runs) {
  const std::uint8_t* bytes = runs.bytes;
  for (std::size_t i = 0; i < runs.count; ++i) {
    const Run& run = runs.begin[i];
    file.write_at(run.at, Bytes(bytes, static_cast<std::size_t>(run.size)));
    bytes += run.size;
  }
}

// From the first byte to the end of the last.
File::Range span_of(const Runs& runs) {
  File::Range span{UINT64_MAX, 0};
  for (std::size_t i = 0; i < runs.count; ++i) {
    const Run& run = runs.begin[i];
    span.begin = std::min(span.begin, run.at);
    span.end = std::max(span.end, run.at + run.size);
  }
  return span;
}

template <std::uint64_t kSize>
void store_items(std::uint8_t* map, const Runs& runs, std::size_t from, std::size_t n,
                 const std::uint8_t* bytes) {
  for (std::size_t i = 0; i < n; ++i) {
    std::memcpy(map + runs.begin[from + i].at, bytes + i * kSize, kSize);
  }
}

}  // namespace

// Runs are often of one item each: those of a size that processors store at once are
// stored so, by rows.
Outcome SystemCalls::store(std::uint8_t* map, const Runs& runs) {
  const std::uint8_t* bytes = runs.bytes;
  for (std::size_t i = 0; i < runs.count;) {
    const std::uint64_t size = runs.begin[i].size;
    std::size_t n = 1;
    while (i + n < runs.count && runs.begin[i + n].size == size) ++n;
    switch (size) {
      case 1:
        store_items<1>(map, runs, i, n, bytes);
        break;
      case 2:
        store_items<2>(map, runs, i, n, bytes);
        break;
      case 4:
        store_items<4>(map, runs, i, n, bytes);
        break;
      case 8:
        store_items<8>(map, runs, i, n, bytes);
        break;
      case 16:
        store_items<16>(map, runs, i, n, bytes);
        break;
      default:
        for (std::size_t k = 0; k < n; ++k) {
          std::memcpy(map + runs.begin[i + k].at, bytes + k * size, size);
        }
    }
    bytes += n * size;
    i += n;
  }
  return {0, runs.count};
}

bool Overwriter::is_mapped(const File& file, const Identity& identity, std::uint64_t size,
                           std::uint64_t begin, std::uint64_t end) {
  SystemCalls& system = file.system();
  if (!system.maps_follow_files() || !Guard::stands() || end > file.limit()) {
    return false;
  }
  if (!map_ || map_->identity() != identity || !map_->covers(begin, end - begin)) {
    reset();
    if (!Mapping::is_affordable(size)) return false;
    try {
      map_ = Mapping::shared(file, size);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::io) throw;
      return false;  // no such maps here, or no room for one
    }
  }
  if (begin < solid_.begin || end > solid_.end) {
    const File::Range data = file.next_data(begin, end);
    if (data.begin != begin || data.end != end) return false;
    solid_ = {begin, end};
  }
  return true;
}

void Overwriter::write(File& file, const Identity& identity, std::uint64_t size,
                       const Runs& runs) {
  const File::Range span = span_of(runs);
  if (runs.count < kMany || !is_mapped(file, identity, size, span.begin, span.end)) {
    return write_each(file, runs);
  }
  // The first one by a write: stores alone would not always move the file's times.
  write_each(file, {runs.begin, 1, runs.bytes});
  const Runs rest{runs.begin + 1, runs.count - 1, runs.bytes + runs.begin->size};
  auto* pages = const_cast<std::uint8_t*>(map_->data());
  const Outcome outcome =
      native::uninterrupted([&] { return file.system().store(pages, rest); });
  if (outcome.error != 0) fail_io("write to", file.path(), outcome.error);
  const bool damaged = map_->damaged();
  if (damaged) reset();
  if (file.status().size < span.end) {
    throw Error(ErrorKind::stale, "the file was cut while it was written", "Try again.");
  }
  // There were no pages to be had: a write tells why.
  if (damaged) write_each(file, rest);
}

}  // namespace mmappickle::os
