// The portable form for what a tree holds: FORMAT vignette, "Array entries".
#pragma once

#include <functional>

#include "stored_value.h"

namespace mmappickle::numpy {

// The Source of bytes that the tree borrows.
using SourceOf = std::function<std::shared_ptr<const Source>(Bytes)>;

// Makes Tag::array nodes, in place, of the arrays that `stored value`'s value and
// metadata lead to, whatever form they have; `source_of` gives their bytes. Sharing and
// cycles stay. Arrays of objects, and of dtypes that are not whole, are made by
// numpy.ndarray, too, but their parts stay where they are. Names of classes and types
// that NumPy 2 warns of give way to public ones.
//
// Left as they are, but for such names: NumPy scalars; subclasses (matrix, recarray ...);
// masked arrays without a mask, with a fill value that is
// neither None nor an array of rank 0, or told to MaskedArray() as an argument (the
// arrays inside of these are not left); what is damaged. And whatever exceeds `budget`,
// in bytes to be written: nodes may be shared, and would be written again and again.
//
// True if that changed more than the place of the bytes.
bool make_portable(StoredValue& stored_value, const SourceOf& source_of,
                   std::uint64_t budget);

// The array as it is, in its own order. `fill` is left to the caller.
NewArray portable_array(const Array& array, const SourceOf& source_of);

}  // namespace mmappickle::numpy
