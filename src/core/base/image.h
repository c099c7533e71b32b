// The bytes of a file, or of a part of it, as its structure is looked at: all in memory
// (a map), or, where the file cannot be mapped whole, read piece by piece as they are
// asked for. What is skipped (an array's data) is never read.
#pragma once

#include "bytes.h"

namespace mmappickle {

class Image {
 public:
  // Where the pieces come from.
  class Pieces {
   public:
    virtual ~Pieces() = default;
    // `n` bytes at `offset` of the file. They stay where they are until kKept more pieces
    // have been read. May throw Error.
    virtual const std::uint8_t* read(std::uint64_t offset, std::uint64_t n) = 0;
    static constexpr int kKept = 1024;
  };

  Image() = default;
  Image(Bytes bytes)
      : data_(bytes.data), size_(bytes.size) {}  // NOLINT: as good as bytes
  Image(Pieces& pieces, std::uint64_t size) : pieces_(&pieces), size_(size) {}

  std::uint64_t size() const { return size_; }
  // True if `length` bytes from `offset` on lie inside, without overflow.
  bool holds(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size_ && length <= size_ - offset;
  }
  // For these the caller has checked holds(). bytes() reads them where they are not in
  // memory: for what is small, or needed whole.
  Image slice(std::uint64_t offset, std::uint64_t length) const {
    return Image(pieces_, data_ == nullptr ? nullptr : data_ + offset, at_ + offset,
                 length);
  }
  Image from(std::uint64_t offset) const { return slice(offset, size_ - offset); }
  Bytes bytes(std::uint64_t offset, std::uint64_t length) const {
    if (pieces_ == nullptr || length == 0) return Bytes(data_ + offset, length);
    return Bytes(pieces_->read(at_ + offset, length), length);
  }
  std::uint8_t operator[](std::uint64_t i) const { return *bytes(i, 1).data; }

  bool starts_with(std::string_view s) const {
    return size_ >= s.size() && bytes(0, s.size()).starts_with(s);
  }
  // Where this part begins in the first Image that it was cut out of.
  std::uint64_t at() const { return at_; }
  // Null where it has to be read.
  const std::uint8_t* data() const { return data_; }

 private:
  Image(Pieces* pieces, const std::uint8_t* data, std::uint64_t at, std::uint64_t size)
      : pieces_(pieces), data_(data), at_(at), size_(size) {}

  Pieces* pieces_ = nullptr;
  const std::uint8_t* data_ = nullptr;
  std::uint64_t at_ = 0, size_ = 0;
};

}  // namespace mmappickle
