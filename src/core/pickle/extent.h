// How large a value is to those who walk it by recursion and do not know what is shared:
// most functions of R, and all that users write.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

namespace mmappickle::pickle {

struct Extent {
  std::uint32_t height = 0;  // containers in containers; of what has no parts 0
  double leaves = 1;         // itself and its parts, as often as they are met
  static Extent container() { return {1, 1}; }
  // A part of a container. A sum of doubles ends at infinity, where one of integers
  // wraps.
  void add(const Extent& part) {
    height = std::max(height, part.height + 1);
    leaves += part.leaves;
  }
};

struct Limits {
  double depth = 5000;    // containers in containers
  double repeated = 1e8;  // leaves beyond those that were made, that is, take memory
};

enum class Beyond { nothing, depth, repeated };
// Of a value with so many containers around it, of which `made` leaves were made.
inline Beyond beyond(const Limits& limits, double around, const Extent& extent,
                     double made) {
  if (around + extent.height > limits.depth) return Beyond::depth;
  return extent.leaves - made > limits.repeated ? Beyond::repeated : Beyond::nothing;
}

// Throws the error of kind limit. `subject`: "The value is", "Cannot store x: it is".
[[noreturn]] void refuse_extent(Beyond beyond, const Limits& limits,
                                const std::string& subject);

}  // namespace mmappickle::pickle
