// Rows behind the last of a growing array; see R/append.R. R API: enters protect()
// itself; nothing of R's while the lock is held but asking for Ctrl-C.
#pragma once

#include "r/handle.h"
#include "r/options.h"

namespace mmappickle {

struct Appending {
  std::string name;  // the key
  SEXP value;        // as of write_slice()
  SEXP dims;         // of the value, NULL: it has none; of a list its number of rows
  double along;      // the dimension, from 1, in which the array is to grow
  Flags flags;
};
// In one session, all or none; where the array has no room for them, in two commits, the
// first of which changes no value. False: there is no such key.
bool append(Handle& handle, const Appending& what);

// Makes the entry of `x`, which is marked as an array. False: there is such a key.
bool append_first(Handle& handle, const std::string& name, SEXP x, double along,
                  const Flags& flags, Warnings& warnings);

}  // namespace mmappickle
