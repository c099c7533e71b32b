#include "r/handle.h"

namespace mmappickle {

SEXP handle_tag() {
  static SEXP const tag = Rf_install("mmappickle_handle");
  return tag;
}

Handle* handle_behind(SEXP pointer) {
  const bool ours =
      TYPEOF(pointer) == EXTPTRSXP && R_ExternalPtrTag(pointer) == handle_tag();
  return ours ? static_cast<Handle*>(R_ExternalPtrAddr(pointer)) : nullptr;
}

Handle& handle_of(SEXP pointer) {
  Handle* handle = handle_behind(pointer);
  if (!handle || !handle->store || !handle->store->is_open()) {
    throw Error(ErrorKind::closed, "This mmapdict is closed.",
                "Open the file again with mmapdict().");
  }
  return *handle;
}

}  // namespace mmappickle
