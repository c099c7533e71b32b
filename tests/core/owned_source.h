// A Source that keeps a copy of its bytes.
#pragma once

#include <string>

#include "base/source.h"

namespace mmappickle {

class OwnedSource : public Source {
 public:
  explicit OwnedSource(Bytes bytes) : bytes_(bytes.text()) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Bytes in_memory() const override { return Bytes(bytes_); }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    if (n != 0) std::memcpy(to, bytes_.data() + offset, n);
  }

 private:
  const std::string bytes_;
};

inline std::shared_ptr<Source> owned_source(Bytes bytes) {
  return std::make_shared<OwnedSource>(bytes);
}

}  // namespace mmappickle
