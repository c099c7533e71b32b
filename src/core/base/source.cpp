#include "source.h"

#include <algorithm>
#include <vector>

namespace mmappickle {
namespace {

class MemorySource : public Source {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    if (n != 0) std::memcpy(to, bytes_.data + offset, n);
  }
  Bytes in_memory() const override { return bytes_; }

 private:
  Bytes bytes_;
};

class HoleSource : public Source {
 public:
  explicit HoleSource(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t, std::uint8_t* to, std::uint64_t n) const override {
    if (n != 0) std::memset(to, 0, n);
  }
  Range next_data(std::uint64_t) const override { return {size_, size_}; }

 private:
  std::uint64_t size_;
};

class PartSource : public Source {
 public:
  PartSource(std::shared_ptr<const Source> whole, std::uint64_t offset,
             std::uint64_t size)
      : whole_(std::move(whole)), offset_(offset), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    whole_->read(offset_ + offset, to, n);
  }
  Range next_data(std::uint64_t from) const override {
    const Range data = whole_->next_data(offset_ + from);
    const std::uint64_t begin = std::min(std::max(data.begin, offset_) - offset_, size_);
    return {begin, std::min(std::max(data.end, offset_) - offset_, size_)};
  }

 private:
  std::shared_ptr<const Source> whole_;
  std::uint64_t offset_, size_;
};

}  // namespace

std::shared_ptr<Source> part_source(std::shared_ptr<const Source> whole,
                                    std::uint64_t offset, std::uint64_t size) {
  return std::make_shared<PartSource>(std::move(whole), offset, size);
}

std::shared_ptr<Source> memory_source(Bytes bytes) {
  return std::make_shared<MemorySource>(bytes);
}

std::shared_ptr<Source> hole_source(std::uint64_t size) {
  return std::make_shared<HoleSource>(size);
}

}  // namespace mmappickle
