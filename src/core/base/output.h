// The bytes of new entries on their way to the file: small bytes in a buffer, large
// payloads by reference. An output knows its absolute place, so that alignment can be
// computed while it is written. Nothing touches the file before the output is whole.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "source.h"

namespace mmappickle {

class Output {
 public:
  // `origin`: the offset in the file at which the first byte will stand.
  explicit Output(std::uint64_t origin) : origin_(origin), at_(origin) {}

  // Absolute offset in the file of the next byte.
  std::uint64_t at() const { return at_; }
  std::uint64_t origin() const { return origin_; }
  std::uint64_t size() const { return at_ - origin_; }

  void put(std::uint8_t byte);
  void put(std::string_view bytes);
  void put(Bytes bytes);
  void put_le(std::uint64_t value, int bytes);
  void put_zeros(std::uint64_t count);
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
        visitor(p.at, Bytes(buffer_.data() + p.begin, p.size));
      }
    }
  }

 private:
  struct Piece {
    std::uint64_t at, begin, size;  // begin: in buffer_, if there is no source
    std::shared_ptr<const Source> source;
  };
  Piece& open_piece();

  std::uint64_t origin_, at_;
  std::vector<std::uint8_t> buffer_;
  std::vector<Piece> pieces_;
};

}  // namespace mmappickle
