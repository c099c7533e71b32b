// Many R objects that have to live as long as a C++ object. R API: enters protect()
// itself.
#pragma once

#include "r/unwind.h"

namespace mmappickle {

// Keeps R objects from the garbage collector until it is destroyed.
class Anchor {
 public:
  Anchor() = default;
  ~Anchor();
  Anchor(const Anchor&) = delete;
  SEXP operator()(SEXP x);  // returns x

 private:
  void grow();

  SEXP cell_ = R_NilValue;  // a pairlist of lists, the one with room first
  SEXP list_ = R_NilValue;  // that one
  R_xlen_t used_ = 0, size_ = 0;
};

}  // namespace mmappickle
