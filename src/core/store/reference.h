// References to arrays: how a view stands for itself where its values are not written
// out (option mmappickle.by_reference). A reference comes from anywhere, as files do.
//
// It names a file, an entry, and one of the arrays that the entry holds; it says nothing
// of where these arrays have what elements. The entry is read like any other, and what it
// holds is looked through for the array that was meant.
#pragma once

#include "../numpy/array.h"
#include "store.h"

namespace mmappickle::store {

struct Reference {
  std::string path, key;
  std::uint64_t inode = 0;
  std::int32_t number = 0;    // the commit number when the entry was read, or before
  std::uint64_t at = 0;       // where the entry begins
  std::uint64_t content = 0;  // content_of() the entry
  std::uint64_t part = 0;     // name_of() the part
  std::uint8_t type = 0;      // R's, and whether R sees the axes in reverse: for those
  bool reversed = false;      // who make a view of it
};

// A small pickle.
std::string put_reference(const Reference& reference);
// Error of kind format for anything else.
Reference read_reference(Bytes bytes);

// An array that one vector of R can show: no objects, fields of structured arrays apart.
struct Part {
  bool is_bytes = false;  // a bytes object, and no array
  numpy::Array array;
};
// Those whose bytes lie in the entry, in the order of the tree.
std::vector<Part> parts_of(Loaded& loaded, Bytes entry);
// Tells the parts of an entry from one another: made of place, dtype, shape and strides.
// `base`: what the offsets count from, the beginning of the entry.
std::uint64_t name_of(const Part& part, const std::uint8_t* base);

// Tells one content of an entry from another: its size, its first and last 32 KiB.
std::uint64_t content_of(Bytes entry);

}  // namespace mmappickle::store
