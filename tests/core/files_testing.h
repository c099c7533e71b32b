// For the tests of files/: bytes in memory of exactly their size, so that a sanitizer
// sees who reads beyond, and what is thrown.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "pickle_testing.h"

namespace mmappickle::files {

using pickle::le;
using pickle::raw;

class Exact {
 public:
  explicit Exact(const std::string& s) : bytes_(s.begin(), s.end()) {}
  operator Bytes() const { return Bytes(bytes_.data(), bytes_.size()); }  // NOLINT

 private:
  std::vector<std::uint8_t> bytes_;
};

inline std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// "ok", or the message of an Error of kind format; any other is a failure.
template <class Code>
std::string outcome(Code&& code) {
  try {
    code();
    return "ok";
  } catch (const Error& error) {
    CHECK(error.kind == ErrorKind::format);
    return error.message;
  }
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace mmappickle::files
