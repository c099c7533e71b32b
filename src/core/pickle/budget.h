// What looking at a tree may cost: work stays in proportion to the bytes. What many
// objects share is paid for by what they bring themselves, beyond a generous start.
#pragma once

#include <unordered_set>

#include "tree.h"

namespace mmappickle::pickle {

class Budget {
 public:
  // False: too much.
  bool charge(std::uint64_t cost) {
    if (cost > left_) return false;
    left_ -= cost;
    return true;
  }
  // `size` bytes that `id` brings, however many refer to it.
  void credit(Id id, std::uint64_t size) {
    constexpr std::uint64_t times = 32;  // how often all of a file may be shared
    if (size < UINT64_MAX / 64 && credited_.insert(id).second) left_ += times * size;
  }
  // What was paid for otherwise.
  void add(std::uint64_t cost) { left_ += cost; }
  std::uint64_t left() const { return left_; }

 private:
  std::uint64_t left_ = std::uint64_t{1} << 20;
  std::unordered_set<Id> credited_;
};

}  // namespace mmappickle::pickle
