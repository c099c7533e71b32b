// Whether the bytes that a view reads from its file are still those that it was made of.
#pragma once

#include <atomic>

#include "core/base/bytes.h"
#include "core/os/file.h"
#include "core/os/guard.h"

namespace mmappickle {

class EntryWatch;

// How an answer is known to hold still, of which millions of elements ask: as long as
// four bytes of the file are as they were, and no mapping was damaged.
class Pulse {
 public:
  Pulse() = default;  // of no answer
  Pulse(const std::uint8_t* at, std::uint32_t bits, std::uint32_t faults)
      : at_(at), bits_(bits), faults_(faults) {}
  // Of an answer that nothing in a file changes.
  static Pulse steady() { return {kNothing, 0, os::Guard::faults()}; }

  // Asked after what was read.
  bool beats() const {
    std::atomic_thread_fence(std::memory_order_acquire);
    // Both at once: a jump costs more.
    return ((load_native<std::uint32_t>(at_) ^ bits_) |
            (os::Guard::faults() ^ faults_)) == 0;
  }

 private:
  static constexpr std::uint8_t kNothing[4] = {0, 0, 0, 0};
  const std::uint8_t* at_ = kNothing;
  std::uint32_t bits_ = 1, faults_ = 0;
};

class Watch {
 public:
  virtual ~Watch() = default;
  // False once they are not. To be asked after they were read: what was read before a
  // true answer was right.
  virtual bool is_current() const = 0;
  // The same for single elements, of which there may be very many: true if it stood
  // within this tick of the system's clock.
  bool was_current_lately() const { return pulse_.beats() || look(); }
  const Pulse& pulse() const { return pulse_; }
  // What took them away, other than cutting the file, and what to do. For ever.
  virtual const char* what_happened() const = 0;
  virtual const char* what_to_do() const = 0;
  virtual const char* what_to_do_if_cut() const = 0;
  // Of an entry; else null. The open file, if it is kept; else null.
  virtual const EntryWatch* entry() const { return nullptr; }
  virtual const os::File* file() const { return nullptr; }

 protected:
  // Answers, and sets pulse_ where it may.
  virtual bool look() const { return is_current(); }

  mutable Pulse pulse_;
};

// Error of kind stale if there is one that does not stand. No R API.
void require_current(const Watch* watch);

}  // namespace mmappickle
