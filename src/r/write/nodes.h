// Which node an R object became, by identity: a table of open addressing, as there may be
// millions of strings. No R API.
#pragma once

#include <cstdint>
#include <vector>

#include "core/pickle/tree.h"
#include "r/unwind.h"

namespace mmappickle::write {

class Nodes {
 public:
  // That of x, which the caller sets where it is kNoId. Valid until the next call.
  pickle::Id& operator[](SEXP x) {
    if (4 * (count_ + 1) > 3 * cells_.size()) grow();
    Cell& cell = cells_[place_of(x)];
    if (cell.x == nullptr) {
      cell.x = x;
      ++count_;
    }
    return cell.id;
  }
  std::size_t size() const { return count_; }

 private:
  struct Cell {
    SEXP x = nullptr;
    pickle::Id id = pickle::kNoId;
  };

  // The cell of x, or the free one in which it is to be.
  std::size_t place_of(SEXP x) const {
    // Addresses differ in the middle: a product with 2^64 / the golden ratio spreads them
    // over its upper bits (Knuth).
    const auto address = std::uint64_t{reinterpret_cast<std::uintptr_t>(x)};
    const std::size_t last = cells_.size() - 1;
    auto i = static_cast<std::size_t>((address * 0x9e3779b97f4a7c15u) >> 32) & last;
    while (cells_[i].x != nullptr && cells_[i].x != x) i = (i + 1) & last;
    return i;
  }
  void grow() {
    std::vector<Cell> before(cells_.empty() ? kLeast : 2 * cells_.size());
    before.swap(cells_);
    for (const Cell& cell : before) {
      if (cell.x != nullptr) cells_[place_of(cell.x)] = cell;
    }
  }

  static constexpr std::size_t kLeast = 16;
  std::vector<Cell> cells_;
  std::size_t count_ = 0;
};

}  // namespace mmappickle::write
