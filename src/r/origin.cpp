#include "r/origin.h"

namespace mmappickle {

namespace {

void finalize_origin(SEXP pointer) {
  delete static_cast<Origin*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
}

}  // namespace

// The pointer keeps `value` alive: R then copies what it changes, so that a part that is
// still at its address is the part that was read.
void give_origin(std::unique_ptr<Origin> origin, SEXP value) {
  Shield pointer(pointer_to(std::move(origin), value));
  protect([&] {
    Rf_setAttrib(value, Rf_install("mmappickle_origin"), pointer);
    return R_NilValue;
  });
}

SEXP pointer_to(std::unique_ptr<Origin> origin, SEXP value) {
  SEXP pointer = protect([&] {
    SEXP kept = PROTECT(Rf_list1(value));
    SEXP p = PROTECT(R_MakeExternalPtr(nullptr, R_NilValue, kept));
    R_RegisterCFinalizerEx(p, finalize_origin, TRUE);
    UNPROTECT(2);
    return p;
  });
  R_SetExternalPtrAddr(pointer, origin.release());
  return pointer;
}

Origin* take_origin(SEXP pointer) {
  if (TYPEOF(pointer) != EXTPTRSXP) return nullptr;
  auto* origin = static_cast<Origin*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
  return origin;
}

}  // namespace mmappickle
