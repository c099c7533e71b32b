// Slices of arrays that stand in a file and are not mapped: the bytes that a slice
// touches are read, as few and as long pieces as they come, and decoded.
#pragma once

#include "slice.h"

namespace mmappickle::numpy {

// An array's geometry, and where its elements stand in `file` (all of the file, whose
// offsets a Place has). Borrowed.
struct Stored {
  const Array& array;
  Place place;
  const Source& file;
};

// Called with the bytes of what was read just now, in numbers; may throw Interrupted.
using Tick = std::function<void(std::uint64_t bytes)>;

// As gather(): all of the axes' product, or the elements of linear
// indices.
void fetch(const Stored& stored, const std::vector<Axis>& axes, RType type, void* to,
           bool* inexact, const Tick& tick);
void fetch_linear(const Stored& stored, const std::uint64_t* index, std::uint64_t n,
                  RType type, void* to, bool* inexact, const Tick& tick);
// Elements [begin, begin + n) of the whole array, in R's order.
void fetch_run(const Stored& stored, std::uint64_t begin, std::uint64_t n, RType type,
               void* to, bool* inexact, const Tick& tick);

// As visit_elements(), in any order.
void fetch_elements(const Stored& stored, const std::vector<Axis>& axes,
                    const Visit& visit, const Tick& tick);
void fetch_elements_linear(const Stored& stored, const std::uint64_t* index,
                           std::uint64_t n, const Visit& visit, const Tick& tick);

// The array with places in its file for addresses: those of its fields are their places
// then. Not to be read from.
Array at_place(Array array, const Place& place);

}  // namespace mmappickle::numpy
