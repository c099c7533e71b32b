#include "r/anchor.h"

namespace mmappickle {

Anchor::Anchor() {
  cell_ = protect([] {
    SEXP cell = Rf_cons(R_NilValue, R_NilValue);
    R_PreserveObject(cell);
    return cell;
  });
}

Anchor::~Anchor() { R_ReleaseObject(cell_); }

SEXP Anchor::operator()(SEXP x) {
  if (x == R_NilValue) return x;
  protect([&] {
    PROTECT(x);
    SETCDR(cell_, Rf_cons(x, CDR(cell_)));
    UNPROTECT(1);
    return R_NilValue;
  });
  return x;
}

}  // namespace mmappickle
