// What the tests of array entries share.
#pragma once

#include <doctest/doctest.h>

#include "numpy/array_form.h"
#include "numpy_testing.h"
#include "owned_source.h"

namespace mmappickle::numpy {

inline std::string bytes_of(const Output& output) {
  struct Visitor {
    std::string out;
    void operator()(std::uint64_t, Bytes run) { out += run.text(); }
    void operator()(std::uint64_t, const Source& source) { out += read_all(source); }
  } visitor;
  output.visit(visitor);
  return visitor.out;
}

inline NewArray new_array(const Dtype& dtype, const Shape& shape, bool fortran,
                          bool masked) {
  NewArray a;
  a.dtype = dtype;
  a.shape = shape;
  a.fortran = fortran;
  std::uint64_t n = 1;
  for (std::uint64_t extent : shape) n *= extent;
  std::string items(n * dtype.itemsize, '\0'), flags(n * mask_itemsize(dtype), '\0');
  for (std::size_t i = 0; i < items.size(); ++i)
    items[i] = static_cast<char>(i * 7 % 100);
  for (std::size_t i = 0; i < flags.size(); ++i) flags[i] = i % 3 == 0;
  a.data = owned_source(Bytes(items));
  if (masked) a.mask = owned_source(Bytes(flags));
  return a;
}

struct Written {
  std::string padding, entry;  // entry: key to (not with) memo max
  std::uint64_t origin = 0;    // of the entry
  std::uint32_t slots = 0;
};

inline Written write(std::string_view key, const NewArray& array, std::uint64_t at) {
  Written w;
  Output padding(at);
  write_padding(padding, key.size(), array);
  w.padding = bytes_of(padding);
  w.origin = at + w.padding.size() + 9;
  Output entry(w.origin);
  pickle::Memo memo;
  write_array_entry(entry, key, array, memo);
  w.entry = bytes_of(entry);
  w.slots = memo.used();
  return w;
}

inline const char* const kDtypes[] = {
    "bool", "i1",   "u1", "i2", ">i2", "u4", ">u8",    "f2",      "f4",     ">f8", "g",
    "c8",   ">c16", "S3", "U2", ">U2", "V5", "M8[ns]", "m8[25s]", ">M8[D]", "M8"};
inline const Shape kFormShapes[] = {
    {}, {0}, {1}, {300}, {2, 3}, {0, 3}, {2, 3, 4}, {2, 1, 3, 1, 2}, {1, 70000}};

inline void check_same(const Array& a, const NewArray& written) {
  CHECK(a.dtype == written.dtype);
  CHECK(a.shape == written.shape);
  CHECK(a.masked == (written.mask != nullptr));
  CHECK(read_all(*copy_source(a, written.fortran)) == read_all(*written.data));
  if (a.masked) {
    CHECK(read_all(*copy_source(a, written.fortran, true)) == read_all(*written.mask));
  }
}

}  // namespace mmappickle::numpy
