#include "r/anchor.h"

#include <algorithm>

namespace mmappickle {

namespace {
constexpr R_xlen_t kFirst = 8, kMost = 1024;  // slots of a list
}  // namespace

Anchor::Anchor() : list_(R_NilValue) {
  cell_ = protect([] {
    SEXP cell = Rf_cons(R_NilValue, R_NilValue);
    R_PreserveObject(cell);
    return cell;
  });
}

Anchor::~Anchor() { R_ReleaseObject(cell_); }

void Anchor::grow() {
  size_ = std::max(kFirst, std::min(kMost, 2 * size_));
  used_ = size_;  // until there is one
  list_ = protect([this] {
    SEXP list = PROTECT(Rf_allocVector(VECSXP, size_));
    SETCDR(cell_, Rf_cons(list, CDR(cell_)));
    UNPROTECT(1);
    return list;
  });
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
