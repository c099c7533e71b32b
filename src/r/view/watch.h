// Whether the bytes that a view reads from its file are still those that it was made of.
#pragma once

#include "core/base/bytes.h"
#include "core/os/file.h"
#include "core/os/guard.h"

namespace mmappickle {

class EntryWatch;

class Watch {
 public:
  virtual ~Watch() = default;
  // False once they are not. To be asked after they were read: what was read before a
  // true answer was right.
  virtual bool is_current() const = 0;
  // The same for single elements, of which there may be very many: true if it stood
  // within this tick of the system's clock.
  bool was_current_lately() const {
    return (pulse_.at != nullptr &&
            load_native<std::uint32_t>(pulse_.at) == pulse_.bits &&
            os::Guard::faults() == pulse_.faults) ||
           look();
  }
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

  // As long as these bytes are so, and no mapping was damaged, the last answer holds.
  struct Pulse {
    const std::uint8_t* at = nullptr;
    std::uint32_t bits = 0, faults = 0;
  };
  mutable Pulse pulse_;
};

// Error of kind stale if there is one that does not stand. No R API.
void require_current(const Watch* watch);

}  // namespace mmappickle
