// Whether the bytes that a view reads from its file are still those that it was made of.
#pragma once

#include "core/os/file.h"

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
  virtual bool was_current_lately() const { return is_current(); }
  // What took them away, other than cutting the file, and what to do. For ever.
  virtual const char* what_happened() const = 0;
  virtual const char* what_to_do() const = 0;
  virtual const char* what_to_do_if_cut() const = 0;
  // Of an entry; else null. The open file, if it is kept; else null.
  virtual const EntryWatch* entry() const { return nullptr; }
  virtual const os::File* file() const { return nullptr; }
};

// Error of kind stale if there is one that does not stand. No R API.
void require_current(const Watch* watch);

}  // namespace mmappickle
