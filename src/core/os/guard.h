// The SIGBUS guard: a file cut under a mapping must not end the process.
#pragma once

namespace mmappickle::os {

class Mapping;

// A fixed table of mapped ranges (the core's only global), read by the signal handler:
// a fault inside a range is answered by a page of zeros there, and the mapping is marked
// damaged; any other SIGBUS goes to the handler that was installed before. No locks, no
// allocation in the handler. On Windows all of this does nothing (a mapped file cannot be
// cut there).
struct Guard {
  static void install();  // idempotent; when the package is loaded
  static void remove();   // puts the old handler back, if ours is still installed
  // Enter and leave the table; when it is full (4096 ranges) a mapping goes unguarded.
  static int enter(Mapping& mapping);
  static void leave(int slot);
};

}  // namespace mmappickle::os
