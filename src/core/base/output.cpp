#include "output.h"

#include <algorithm>
#include <new>

#include "checked.h"
#include "error.h"

namespace mmappickle {
namespace {

std::uint64_t advance(std::uint64_t at, std::uint64_t by) {
  std::uint64_t sum = 0;
  if (!checked_add(at, by, sum)) {
    throw Error(ErrorKind::limit, "the value does not fit into a file",
                "Store less in one value.");
  }
  return sum;
}

}  // namespace

void Output::copy_to(std::uint8_t* to) const {
  for (const Piece& p : pieces_) {
    std::uint8_t* there = to + (p.at - origin_);
    if (p.source) {
      p.source->read(0, there, p.size);
    } else {
      std::memcpy(there, buffer_.get() + p.begin, size_of(p));
    }
  }
}

// For so many bytes behind those of the last piece, which is one of the buffer then.
void Output::make_room(std::uint64_t count) {
  const std::uint64_t end = advance(at(), count);
  std::uint64_t needed = 0;
  if (!checked_add(used_, count, needed) || needed > SIZE_MAX / 2) throw std::bad_alloc();
  if (needed > capacity_) {
    constexpr std::size_t kLeast = 512;  // most entries take less
    const std::size_t more =
        std::max({static_cast<std::size_t>(needed), 2 * capacity_, kLeast});
    void* const memory = std::realloc(buffer_.get(), more);
    if (memory == nullptr) throw std::bad_alloc();
    (void)buffer_.release();  // realloc() has taken it
    buffer_.reset(static_cast<std::uint8_t*>(memory));
    capacity_ = more;
  }
  if (pieces_.empty() || pieces_.back().source) {
    pieces_.push_back(Piece{at(), used_, 0, nullptr});
  }
  limit_ = capacity_;
  if (limit_ - needed > UINT64_MAX - end) {
    limit_ = static_cast<std::size_t>(needed + (UINT64_MAX - end));
  }
}

void Output::put(std::shared_ptr<const Source> source) {
  const std::uint64_t size = source->size();
  if (size == 0) return;
  advance(at(), size);
  const Piece piece{at(), 0, size, std::move(source)};
  if (!pieces_.empty()) pieces_.back().size = size_of(pieces_.back());
  pieces_.push_back(piece);
  shift_ += size;
  limit_ = used_;
}

void Output::patch(std::uint64_t at, std::uint64_t value, int bytes) {
  auto piece =
      std::upper_bound(pieces_.begin(), pieces_.end(), at,
                       [](std::uint64_t place, const Piece& p) { return place < p.at; });
  if (piece != pieces_.begin()) {
    --piece;
    const std::uint64_t within = at - piece->at;
    const auto length = static_cast<std::uint64_t>(bytes);
    if (!piece->source && within <= size_of(*piece) &&
        length <= size_of(*piece) - within) {
      store_le(buffer_.get() + piece->begin + within, value, bytes);
      return;
    }
  }
  throw Error(ErrorKind::value, "a patch lies outside of the buffered bytes", {}, at);
}

}  // namespace mmappickle
