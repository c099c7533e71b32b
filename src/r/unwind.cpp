#include "r/unwind.h"

namespace mmappickle::detail {

namespace {
constexpr int kMost = 8;  // more than are nested
SEXP spare[kMost];
int spares = 0;
}  // namespace

SEXP take_token() {
  if (spares > 0) return spare[--spares];
  SEXP token = PROTECT(R_MakeUnwindCont());
  R_PreserveObject(token);
  UNPROTECT(1);
  return token;
}

void give_back(SEXP token) {
  SETCAR(token, R_NilValue);  // R has put the result there
  if (spares < kMost) {
    spare[spares++] = token;
  } else {
    R_ReleaseObject(token);
  }
}

}  // namespace mmappickle::detail
