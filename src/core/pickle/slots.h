// The unpickler's memo. Slot numbers are claims of the file: a pickle of a few bytes may
// name slot 2^63. Memory is linear in the number of slots that were set.
#pragma once

#include <map>
#include <vector>

#include "tree.h"

namespace mmappickle::pickle {

class Slots {
 public:
  void put(std::uint64_t slot, Id id) {
    if (slot == dense_.size() && sparse_.empty()) {  // one after the other, as most do
      dense_.push_back(id);
      ++count_;
    } else if (slot < kDense + 2 * count_) {
      if (slot >= dense_.size()) dense_.resize(static_cast<std::size_t>(slot) + 1, kNoId);
      Id& there = dense_[static_cast<std::size_t>(slot)];
      // The bound grows: the slot may have been set when it was beyond it.
      if (there == kNoId && sparse_.erase(slot) == 0) ++count_;
      there = id;
    } else if (sparse_.insert_or_assign(slot, id).second) {
      ++count_;
    }
  }
  // kNoId if the slot was never set.
  Id get(std::uint64_t slot) const {
    if (slot < dense_.size() && dense_[static_cast<std::size_t>(slot)] != kNoId) {
      return dense_[static_cast<std::size_t>(slot)];
    }
    const auto found = sparse_.find(slot);
    return found == sparse_.end() ? kNoId : found->second;
  }
  // How many slots are set: the slot of the next MEMOIZE.
  std::uint64_t count() const { return count_; }

 private:
  static constexpr std::uint64_t kDense = 64;
  std::vector<Id> dense_;
  std::map<std::uint64_t, Id> sparse_;  // a tree: no input makes it slow
  std::uint64_t count_ = 0;
};

}  // namespace mmappickle::pickle
