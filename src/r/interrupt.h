// Ctrl-C, and R code that runs inside of ours. No jump of R leaves here.
#pragma once

#include <cstdint>

#include "core/base/poll.h"

namespace mmappickle {

// While one is alive, R code may run that the package did not ask for (event handlers,
// finalizers, a progress bar's callbacks), with a file's lock held, or half awaited. What
// it calls of the package is refused: it might wait for the very lock for ever.
class Callback {
 public:
  Callback() { ++depth_; }
  ~Callback() { --depth_; }
  Callback(const Callback&) = delete;
  static void refuse_calls();  // Error of kind busy while one is alive
  // How many calls of the package there were: between two equal answers was none.
  static std::uint64_t calls() { return calls_; }

 private:
  static int depth_;
  static std::uint64_t calls_;
};

// A poll function for waits and long copies: throws Interrupted if the user pressed
// Ctrl-C. Runs R's event loop; holds nothing.
void poll_interrupt();

// Asks for Ctrl-C now and then between the runs of a slice: what was written before it
// stays, as with errors.
class InterruptPoll {
 public:
  void after(std::uint64_t bytes) { poll_.after(bytes + kRun); }

 private:
  // A run of few bytes takes as long as some hundred bytes of a long one.
  static constexpr std::uint64_t kRun = 512;
  Poll poll_{poll_interrupt};
};

}  // namespace mmappickle
