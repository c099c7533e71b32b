#include "pieces.h"

#include <algorithm>

namespace mmappickle::os {

void Pieces::begin(const File& file, std::uint64_t size) {
  file_ = &file;
  size_ = size;
  blocks_.clear();
  order_.clear();
  others_.clear();
}

const std::uint8_t* Pieces::block(std::uint64_t index) {
  const auto found = blocks_.find(index);
  if (found != blocks_.end()) return found->second.data();
  if (order_.size() == kKept) {
    blocks_.erase(order_.front());
    order_.pop_front();
  }
  const std::uint64_t at = index * kBlock;
  std::vector<std::uint8_t> bytes(std::min(kBlock, size_ - at));
  file_->read_at(at, bytes.data(), bytes.size());
  order_.push_back(index);
  return blocks_.emplace(index, std::move(bytes)).first->second.data();
}

const std::uint8_t* Pieces::read(std::uint64_t offset, std::uint64_t n) {
  const std::uint64_t first = offset / kBlock;
  if ((offset + n - 1) / kBlock == first) return block(first) + offset % kBlock;
  if (others_.size() == kKept) others_.pop_front();
  std::vector<std::uint8_t> bytes(n);
  file_->read_at(offset, bytes.data(), n);
  others_.push_back(std::move(bytes));
  return others_.back().data();
}

}  // namespace mmappickle::os
