// Many R objects that have to live as long as a C++ object. R API: enters protect()
// itself.
#pragma once

#include "r/unwind.h"

namespace mmappickle {

// Keeps R objects from the garbage collector until it is destroyed.
class Anchor {
 public:
  Anchor();
  ~Anchor();
  Anchor(const Anchor&) = delete;
  SEXP operator()(SEXP x);  // returns x

 private:
  SEXP cell_;
};

}  // namespace mmappickle
