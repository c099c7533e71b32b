// Whether long work is to go on: the caller's function is asked now and then.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace mmappickle {

class Poll {
 public:
  Poll() = default;  // nobody is asked
  explicit Poll(std::function<void()> ask) : ask_(std::move(ask)) {}
  // Behind some work, counted in what takes as long as to copy a byte. The function may
  // throw (Interrupted, if the user pressed Ctrl-C): nothing may be left half done.
  void after(std::uint64_t work) {
    left_ -= static_cast<std::int64_t>(work);
    if (left_ >= 0) return;
    left_ = kBetween;
    if (ask_) ask_();
  }

 private:
  static constexpr std::int64_t kBetween = 8 << 20;  // some milliseconds
  std::int64_t left_ = kBetween;
  std::function<void()> ask_;
};

}  // namespace mmappickle
