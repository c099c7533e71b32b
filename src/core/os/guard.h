// The SIGBUS guard: a file cut under a mapping must not end the process.
#pragma once

#include <atomic>
#include <cstdint>

namespace mmappickle::os {

class Mapping;
struct GuardSlot;

// A table of mapped ranges (the core's only global), read by the signal handler: a fault
// inside a range is answered by a page of zeros there, and the mapping is marked damaged;
// any other SIGBUS goes to the handler that was installed before. No locks, no allocation
// in the handler: the table grows by blocks, which stay for ever. On Windows all of this
// does nothing (a mapped file cannot be cut there).
struct Guard {
  static void install();  // idempotent; when the package is loaded
  static void remove();   // puts the old handler back, if ours is still installed
  // False where a fault would not come here first: no guard, or another's handler on top.
  static bool stands();
  // Enter and leave the table. bad_alloc where it would have to grow and cannot.
  static GuardSlot* enter(Mapping& mapping);
  static void leave(GuardSlot* slot) noexcept;
  // Goes up after any mapping was marked damaged: between two equal answers none was.
  static std::uint32_t faults() { return faults_.load(std::memory_order_relaxed); }

  inline static std::atomic<std::uint32_t> faults_{0};  // the guard's own
};

}  // namespace mmappickle::os
