// "Did you mean": of many names the nearest to one that is none of them.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace mmappickle {

// Is shown the names one by one. Near is what differs by case, by some letters (up to a
// third; two neighbours swapped count as one) or by what one of both leaves out at its
// end.
class Nearest {
 public:
  explicit Nearest(std::string_view wanted);
  void look(std::string_view name);
  // "Did you mean "a" or "b"?": those that are nearest, of many the first. Else "".
  std::string hint() const;

 private:
  static constexpr std::size_t kLongest = 64;  // longer names are near to nothing
  static constexpr std::size_t kMost = 3;
  std::size_t distance(std::string_view name) const;
  const std::string wanted_;
  std::size_t least_;
  std::size_t count_ = 0;
  std::array<std::string, kMost> found_;
};

}  // namespace mmappickle
