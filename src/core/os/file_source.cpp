#include "file_source.h"

namespace mmappickle::os {
namespace {

// The part of `file` that a Source of `size` bytes from `offset` on calls `from` and on.
Source::Range next_data(const File& file, std::uint64_t offset, std::uint64_t from,
                        std::uint64_t size) {
  const std::uint64_t end = offset + size;
  // A file that ends inside the range has no hole there: reading it must fail.
  if (file.status().size < end) return {from, size};
  const File::Range range = file.next_data(offset + from, end);
  return {range.begin - offset, range.end - offset};
}

class FileSource : public Source, public InFile {
 public:
  FileSource(std::shared_ptr<const File> file, std::uint64_t offset, std::uint64_t size)
      : file_(std::move(file)), offset_(offset), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    file_->read_at(offset_ + offset, to, n);
  }
  Range next_data(std::uint64_t from) const override {
    return os::next_data(*file_, offset_, from, size_);
  }
  const File& file() const override { return *file_; }
  std::uint64_t offset() const override { return offset_; }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t offset_, size_;
};

class MappedSource : public Source, public InFile {
 public:
  MappedSource(std::shared_ptr<const File> file, std::uint64_t offset, Bytes bytes)
      : file_(std::move(file)), offset_(offset), bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    if (n != 0) std::memcpy(to, bytes_.data + offset, n);
  }
  Bytes in_memory() const override { return bytes_; }
  Range next_data(std::uint64_t from) const override {
    return os::next_data(*file_, offset_, from, bytes_.size);
  }
  const File& file() const override { return *file_; }
  std::uint64_t offset() const override { return offset_; }

 private:
  std::shared_ptr<const File> file_;
  std::uint64_t offset_;
  Bytes bytes_;
};

}  // namespace

std::shared_ptr<Source> file_source(std::shared_ptr<const File> file,
                                    std::uint64_t offset, std::uint64_t size) {
  return std::make_shared<FileSource>(std::move(file), offset, size);
}

std::shared_ptr<Source> mapped_source(std::shared_ptr<const File> file,
                                      std::uint64_t offset, Bytes bytes) {
  return std::make_shared<MappedSource>(std::move(file), offset, bytes);
}

}  // namespace mmappickle::os
