// The bytes of new entries on their way to the file: small bytes in a buffer, large
// payloads by reference. An output knows its absolute place, so that alignment can be
// computed while it is written. Nothing touches the file before the output is whole.
#pragma once

#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "source.h"

namespace mmappickle {

class Output {
 public:
  // `origin`: the offset in the file at which the first byte will stand.
  explicit Output(std::uint64_t origin) : origin_(origin), shift_(origin) {}
  Output(Output&&) = default;
  Output& operator=(Output&&) = default;

  // Absolute offset in the file of the next byte.
  std::uint64_t at() const { return shift_ + used_; }
  std::uint64_t origin() const { return origin_; }
  std::uint64_t size() const { return at() - origin_; }

  void put(std::uint8_t byte) { *room(1) = byte; }
  void put(std::string_view bytes) { put(Bytes(bytes)); }
  void put(Bytes bytes) {
    if (bytes.size != 0) std::memcpy(room(bytes.size), bytes.data, bytes.size);
  }
  void put_le(std::uint64_t value, int bytes) {
    store_le(room(static_cast<std::uint64_t>(bytes)), value, bytes);
  }
  void put_zeros(std::uint64_t count) {
    if (count != 0) std::memset(room(count), 0, count);
  }
  // So many bytes, not 0, which the caller fills before anything else is put.
  std::uint8_t* room(std::uint64_t count) {
    if (count > limit_ - used_) make_room(count);
    std::uint8_t* const to = buffer_.get() + used_;
    used_ += static_cast<std::size_t>(count);
    return to;
  }
  // The end of that room, which the caller did not fill.
  void give_back(std::uint64_t count) { used_ -= static_cast<std::size_t>(count); }
  // By reference: not copied, and not read before the output is written.
  void put(std::shared_ptr<const Source> source);
  // Overwrites bytes put before (a frame's length); they must lie in buffered bytes.
  void patch(std::uint64_t at, std::uint64_t value, int bytes);

  // All of it, size() bytes.
  void copy_to(std::uint8_t* to) const;

  // Calls visit(offset, Bytes) for buffered runs and visit(offset, const Source&) for
  // payloads, in order; offsets are absolute.
  template <class Visitor>
  void visit(Visitor&& visitor) const {
    for (const Piece& p : pieces_) {
      if (p.source) {
        visitor(p.at, *p.source);
      } else {
        visitor(p.at, Bytes(buffer_.get() + p.begin, size_of(p)));
      }
    }
  }

 private:
  struct Piece {
    std::uint64_t at;
    std::size_t begin;   // in the buffer, if there is no source
    std::uint64_t size;  // of the last one, if it is in the buffer, see size_of()
    std::shared_ptr<const Source> source;
  };
  struct Free {
    void operator()(std::uint8_t* memory) const { std::free(memory); }
  };
  // Of the last piece all that is in the buffer from there on.
  std::uint64_t size_of(const Piece& p) const {
    return p.source || &p != &pieces_.back() ? p.size : used_ - p.begin;
  }
  void make_room(std::uint64_t count);

  std::uint64_t origin_;
  // Memory of malloc(), which can grow without a copy.
  std::unique_ptr<std::uint8_t, Free> buffer_;
  std::size_t capacity_ = 0, used_ = 0;
  // Up to where bytes can be put without a look: the last piece is one of the buffer, and
  // no sum overflows.
  std::size_t limit_ = 0;
  std::uint64_t
      shift_;  // from a place in the buffer, in the last piece, to one in the file
  std::vector<Piece> pieces_;
};

}  // namespace mmappickle
