#include "file_source.h"

namespace mmappickle::os {
namespace {

class FileSource : public Source {
 public:
  FileSource(std::shared_ptr<const File> file, std::uint64_t offset, std::uint64_t size)
      : file_(std::move(file)), offset_(offset), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    file_->read_at(offset_ + offset, to, n);
  }
  // A file that ends inside the range has no hole there: reading it must fail.
  bool is_hole() const override {
    const std::uint64_t end = offset_ + size_;
    return file_->status().size >= end && file_->next_data(offset_, end).begin == end;
  }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t offset_, size_;
};

}  // namespace

std::shared_ptr<Source> file_source(std::shared_ptr<const File> file,
                                    std::uint64_t offset, std::uint64_t size) {
  return std::make_shared<FileSource>(std::move(file), offset, size);
}

}  // namespace mmappickle::os
