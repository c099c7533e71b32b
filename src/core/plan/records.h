// Structured arrays with objects among their fields: NumPy pickles these item by item, as
// tuples. Their columns become nodes of the tree, to be read like any other list.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "../numpy/array.h"
#include "../pickle/tree.h"

namespace mmappickle::plan {

// A dict from the fields to their columns, of a list of tuples; kNoId if one of them does
// not fit. `as_frame`: columns are lists, and the dicts noted in `rows` with the number
// of their rows; else what the one tuple has.
pickle::Id columns_of(pickle::Tree& tree, const numpy::Dtype& dtype, pickle::Id tuples,
                      bool as_frame, std::unordered_map<pickle::Id, std::uint64_t>& rows,
                      int depth = 0);

}  // namespace mmappickle::plan
