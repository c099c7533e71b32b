// For the harnesses: bytes to a tree, and what is done with an array that a reader
// accepted. An accepted array lies inside its bytes, so that reading all of it must be
// safe.
#pragma once

#include <vector>

#include "../src/core/base/error.h"
#include "../src/core/numpy/slice.h"
#include "../src/core/pickle/reader.h"

namespace mmappickle::fuzz {

// False for what is no pickle; any other error than that is a finding.
inline bool read(pickle::Tree& tree, Bytes bytes) {
  try {
    pickle::read_pickle(tree, bytes);
    return true;
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
    return false;
  }
}

// Decodes every element, as a view of R would. Larger ones are skipped: stubs claim more
// elements than a run of a fuzzer can visit.
inline void decode_all(const numpy::Array& array) {
  constexpr std::uint64_t kMost = 1 << 16;
  const std::uint64_t count = array.count();
  numpy::Target target;
  if (count > kMost || !numpy::target_of(array.dtype, numpy::Choice(), target)) return;
  const std::vector<numpy::Axis> axes = numpy::whole(array.shape);
  if (target.type == numpy::RType::string) {
    bool escaped = false;
    numpy::visit_elements(array, axes, 0, count,
                          [&](std::uint64_t, const std::uint8_t* at, bool) {
                            numpy::decode_string(array.dtype, at, &escaped);
                          });
    return;
  }
  std::vector<std::uint8_t> to(count * numpy::r_size(target.type) + 1);
  bool inexact = false;
  numpy::gather(array, axes, 0, count, target.type, to.data(), &inexact);
}

}  // namespace mmappickle::fuzz
