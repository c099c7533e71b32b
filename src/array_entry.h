// Entries that are arrays, for what works on their elements in place: slices, mmarray,
// nested assignment.
#pragma once

#include "glue.h"

namespace mmappickle {

// The array of an entry, axes as the user sees them (reversed or not; rank 0 as one
// axis of one element; of V the bytes of the items), and whether it has one: an array
// entry, or any other value that is a NumPy array of no objects whose bytes lie in the
// file.
struct ArrayOf {
  bool is_array = false;
  bool is_records = false;  // structured, of rank 1: `stored` alone says what it is
  numpy::Array stored;      // as the file has it
  numpy::Array array;
  numpy::Target target;
  std::uint64_t offset = 0;  // of its first data byte in the file
};
ArrayOf array_of(store::Loaded& loaded, const Flags& flags);

// Error of kind index: the entry is no array.
[[noreturn]] void not_an_array(const std::string& key);

}  // namespace mmappickle
