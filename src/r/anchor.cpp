#include "r/anchor.h"

#include <algorithm>

namespace mmappickle {

namespace {
constexpr R_xlen_t kFirst = 8, kMost = 1024;  // slots of a list
}  // namespace

Anchor::~Anchor() {
  if (cell_ != R_NilValue) R_ReleaseObject(cell_);
}

void Anchor::grow() {
  const R_xlen_t size = std::max(kFirst, std::min(kMost, 2 * size_));
  list_ = protect([this, size] {
    SEXP list = PROTECT(Rf_allocVector(VECSXP, size));
    if (cell_ == R_NilValue) {
      cell_ = PROTECT(Rf_cons(R_NilValue, R_NilValue));
      R_PreserveObject(cell_);
      UNPROTECT(1);
    }
    SETCDR(cell_, Rf_cons(list, CDR(cell_)));
    UNPROTECT(1);
    return list;
  });
  size_ = size;
  used_ = 0;
}

SEXP Anchor::operator()(SEXP x) {
  if (x == R_NilValue) return x;
  if (used_ == size_) {
    const Shield kept(x);
    grow();
  }
  SET_VECTOR_ELT(list_, used_++, x);
  return x;
}

}  // namespace mmappickle
