#include "r/fields.h"

#include "r/call.h"

namespace mmappickle {

Fields fields_of(SEXP m) {
  Fields out;
  protect([&] {
    SEXP fields = Rf_getAttrib(m, Rf_install("fields"));
    const bool are_there = TYPEOF(fields) == ENVSXP &&
                           R_existsVarInFrame(fields, Rf_install(".ptr")) &&
                           R_existsVarInFrame(fields, Rf_install(".flags"));
    if (are_there) out.pointer = Rf_eval(Rf_install(".ptr"), fields);
    // To be opened anew, closed, or no handle at all: R decides.
    if (TYPEOF(out.pointer) != EXTPTRSXP || R_ExternalPtrAddr(out.pointer) == nullptr) {
      out.pointer = call_own("pointer", {m});
    }
    if (are_there) out.flags = Rf_asInteger(Rf_eval(Rf_install(".flags"), fields));
    return R_NilValue;
  });
  return out;
}

}  // namespace mmappickle
