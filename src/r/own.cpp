#include "r/own.h"

#include <Rversion.h>

#include "r/call.h"

namespace mmappickle {

namespace {

// R_NilValue: there is no such field.
SEXP field(SEXP fields, SEXP name) {
#if R_VERSION >= R_Version(4, 5, 0)
  return R_getVarEx(name, fields, FALSE, R_NilValue);
#else
  SEXP value = Rf_findVarInFrame(fields, name);
  return value == R_UnboundValue ? R_NilValue : value;
#endif
}

}  // namespace

Own own_of(SEXP m) {
  static SEXP const kFields = Rf_install("fields"), kPointer = Rf_install(".ptr"),
                    kFlags = Rf_install(".flags"), kReaders = Rf_install(".readers");
  SEXP pointer = R_NilValue, readers = R_NilValue;
  int flags = 0;
  protect([&] {
    SEXP fields = Rf_getAttrib(m, kFields);
    if (TYPEOF(fields) == ENVSXP) pointer = field(fields, kPointer);
    if (handle_behind(pointer) == nullptr) pointer = call_own("pointer_in", {fields});
    flags = Rf_asInteger(field(fields, kFlags));
    readers = field(fields, kReaders);
    return R_NilValue;
  });
  return {pointer, Flags(flags), readers};
}

SEXP with_registry(SEXP readers) {
  static SEXP const none = protect([] {
    SEXP registry = call_own("with_registry", {R_NilValue});
    R_PreserveObject(registry);
    return registry;
  });
  if (Rf_length(readers) == 0) return none;
  return protect([&] { return call_own("with_registry", {readers}); });
}

}  // namespace mmappickle
