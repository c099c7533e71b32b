// What a slice is of: taken from R before any lock, and found in the file under it.
#pragma once

#include "core/numpy/subscript.h"
#include "r/handle.h"
#include "r/options.h"
#include "r/slice/array_entry.h"

namespace mmappickle {

// What is asked for, in C++'s terms. Made before any lock.
struct Asked {
  // `subs`: as subscripts() of R gives them. `expected`: NULL, or the extents that the
  // array must have (an mmarray's).
  Asked(SEXP ptr, SEXP key, SEXP subs, const Flags& flags, SEXP expected);

  Handle& handle;
  const std::string name;
  const Flags flags;
  std::vector<numpy::Subscript> subscripts;
  bool is_expected = false;
  numpy::Shape expected;
};

// The entry of this session, and what of it is chosen: of an array elements, of a
// structured array of rank 1 rows. Error of kind index for any other entry, and for
// subscripts that do not fit; stale where it is not the array that was expected.
struct Chosen {
  Chosen(const store::Reading& reading, const Asked& asked, bool to_write = false);
  Chosen(const Chosen&) = delete;

  store::Index::Slot slot;
  store::Loaded loaded;  // by Reading::look()
  ArrayOf found;
  numpy::Selection selection;
};

}  // namespace mmappickle
