// Interrupts between the steps of something long.
#pragma once

#include "glue.h"

namespace mmappickle {

// Asks for Ctrl-C now and then between the runs of a slice: what was written before it
// stays, as with errors.
class Pace {
 public:
  void step(std::uint64_t bytes) {
    since_ += bytes + kRun;
    if (since_ < kBetweenPolls) return;
    since_ = 0;
    poll_interrupt();
  }

 private:
  // A run of few bytes takes as long as some hundred bytes of a long one.
  static constexpr std::uint64_t kRun = 512, kBetweenPolls = 8 << 20;
  std::uint64_t since_ = 0;
};

}  // namespace mmappickle
