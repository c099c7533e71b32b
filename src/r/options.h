// How values are read and written: what a handle or one call says, and R's options().
#pragma once

#include "core/metadata/classes.h"
#include "core/numpy/kernels.h"
#include "core/pickle/extent.h"
#include "core/plan/planner.h"
#include "r/unwind.h"

namespace mmappickle {

// How values are read and written, as the handle (or one call) says. Bits of the integer
// that R passes; R/flags.R has the same numbers.
struct Flags {
  bool reversed = false;     // 1: dims = "reversed"
  bool exact_int64 = false;  // 2: int64 = "integer64"
  bool raw_uint8 = false;    // 4: uint8 = "raw"
  bool simplify = true;      // 8
  bool fortran = false;      // 16: order = "F"
  bool numbers = false;      // 128: simplify = "numbers"
  // 32: trusted = TRUE; 64: trusted = FALSE
  metadata::Trust trust = metadata::Trust::usual;
  // 1024: index = "attribute"; 2048: index = "drop"
  plan::Index index = plan::Index::column;
  int bits = 0;
  explicit Flags(int bits)
      : reversed(bits & 1),
        exact_int64(bits & 2),
        raw_uint8(bits & 4),
        simplify(bits & 8),
        fortran(bits & 16),
        numbers(bits & 128),
        trust(bits & 32   ? metadata::Trust::all
              : bits & 64 ? metadata::Trust::data
                          : metadata::Trust::usual),
        index(bits & 1024   ? plan::Index::attribute
              : bits & 2048 ? plan::Index::drop
                            : plan::Index::column),

        bits(bits) {}
  numpy::Choice choice() const { return {exact_int64, raw_uint8}; }
  // Of what these say.
  plan::Options plan_options() const {
    plan::Options options;
    options.simplify = simplify;
    options.scalars.exact_int64 = exact_int64;
    options.scalars.numbers = numbers;
    options.raw_uint8 = raw_uint8;
    options.index = index;
    return options;
  }
};

// How large a value may be: options mmappickle.max_depth and mmappickle.max_repeated.
// R API: inside protect() only.
pickle::Limits value_limits();
}  // namespace mmappickle
