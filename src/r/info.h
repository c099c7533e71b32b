// What entries are, without reading a value. No R API.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "core/numpy/array.h"
#include "core/numpy/kernels.h"
#include "core/plan/brief.h"
#include "core/store/store.h"
#include "r/options.h"

namespace mmappickle {

// An entry, a deleted one, or padding; see entries() in R.
struct Row {
  std::string key, kind = "value", dtype, order, type;
  plan::Brief brief;
  numpy::Shape shape;
  bool live = true, has_array = false, zero_copy = false, portable = false;
  double bytes = 0, at = 0, capacity = -1;  // in rows, -1: it does not grow
  double offset = 0, mask_offset = 0;       // 0: there is none
};

// What of the entries is wanted.
struct Wanted {
  bool dead = false;
  bool briefs = true;
  double most = INFINITY;  // so many of the live ones, in file order
};
std::vector<Row> rows_of(store::Store& store, const Wanted& wanted, const Flags& flags,
                         bool bit64);

// NumPy's word for the order of the axes, and R's for what the elements are.
const char* order_of(const numpy::Array& array);
const char* type_of(const numpy::Target& target);
const char* type_of(numpy::RType type);

}  // namespace mmappickle
