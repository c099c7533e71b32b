// R's subscripts, as ALTREP's Extract_subset methods are given them.
#pragma once

#include "r/view/access.h"

namespace mmappickle {

constexpr R_xlen_t kIndexChunk = 512;
constexpr std::uint64_t kNowhere = UINT64_MAX;  // NA, and what is out of range

// Subscripts (from 1, cut to whole numbers) as positions from 0.
template <class Index>
void positions(const Index* index, R_xlen_t n, std::uint64_t count, std::uint64_t* at) {
  const auto end = static_cast<double>(count) + 1;
  for (R_xlen_t k = 0; k < n; ++k) {
    const auto i = static_cast<double>(index[k]);  // NA_INTEGER is negative, NaN fails
    at[k] = i >= 1 && i < end ? static_cast<std::uint64_t>(i) - 1 : kNowhere;
  }
}

inline bool has_positions(SEXP index) {
  return TYPEOF(index) == INTSXP || TYPEOF(index) == REALSXP;
}

// each(at, m, begin) for each at most kIndexChunk subscripts: their positions in a vector
// of `count` elements, which may be changed. R may jump out of it.
template <class Each>
void each_positions(SEXP index, std::uint64_t count, const Each& each) {
  const R_xlen_t n = XLENGTH(index);
  union {
    int whole[kIndexChunk];
    double real[kIndexChunk];
  } chunk;
  std::uint64_t at[kIndexChunk];
  for (R_xlen_t begin = 0; begin < n; begin += kIndexChunk) {
    const R_xlen_t m = n - begin < kIndexChunk ? n - begin : kIndexChunk;
    // Compact sequences (1:n) must not be expanded, hence no pointer.
    if (TYPEOF(index) == INTSXP) {
      INTEGER_GET_REGION(index, begin, m, chunk.whole);
      positions(chunk.whole, m, count, at);
    } else {
      REAL_GET_REGION(index, begin, m, chunk.real);
      positions(chunk.real, m, count, at);
    }
    each(at, m, begin);
  }
}

}  // namespace mmappickle
