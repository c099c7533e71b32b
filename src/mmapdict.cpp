// Handles; see R/mmapdict.R. Each function takes the external pointer of one.
#include <cmath>

#include "core/os/guard.h"
#include "r/class_name.h"
#include "r/kept.h"
#include "r/text.h"
#include "r/view/view.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

void finalize(SEXP pointer) {
  delete static_cast<Handle*>(R_ExternalPtrAddr(pointer));
  R_ClearExternalPtr(pointer);
}

}  // namespace

// [[Rcpp::init]]
void init_views(DllInfo* dll) {
  os::Guard::install();
  register_view_classes(dll);
  register_class_names(dll);
  register_kept_classes(dll);
}

// [[Rcpp::export(rng = false)]]
SEXP store_open(SEXP path, bool readonly, bool create, bool durable,
                double lock_timeout) {
  return enter([&] {
    auto handle = std::make_unique<Handle>();
    Handle* address = handle.get();
    store::Options options;
    options.readonly = readonly;
    options.create = create;
    options.durable = durable;
    options.lock_timeout = std::isfinite(lock_timeout) ? lock_timeout : -1;
    options.poll = poll_interrupt;
    options.warn_lock = [address](const std::string& message) {
      address->warnings.push_back({WarningKind::lock, message});
    };
    SEXP testing = protect(
        [] { return Rf_GetOption1(Rf_install("mmappickle.testing_system_calls")); });
    const bool system = TYPEOF(testing) == LGLSXP && Rf_asLogical(testing) == TRUE;
    if (system) handle->system = std::make_unique<os::FaultySystemCalls>();
    handle->store = store::Store::open(
        system_path(path), options, system ? *handle->system : os::real_system_calls());
    SEXP pointer = protect([] {
      SEXP p = PROTECT(R_MakeExternalPtr(nullptr, handle_tag(), R_NilValue));
      R_RegisterCFinalizerEx(p, finalize, TRUE);
      UNPROTECT(1);
      return p;
    });
    R_SetExternalPtrAddr(pointer, handle.release());
    return with_warnings(*address, pointer);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_close(SEXP ptr) {
  return enter([&] {
    Handle* handle = handle_behind(ptr);
    if (handle && handle->store) handle->store->close();
    return R_NilValue;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_info(SEXP ptr) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    double size, dead, keys;
    int commit;
    {
      store::Reading reading(*handle.store);
      size = static_cast<double>(reading.file_size());
      dead = static_cast<double>(reading.dead_bytes());
      keys = static_cast<double>(reading.index().count());
      commit = reading.commit_number();
    }
    // Not Rf_ScalarInteger: -2^31 is a commit number.
    const std::string path = handle.store->path();
    const bool readonly = handle.store->readonly();
    SEXP out = protect([&] {
      const char* names[] = {"path", "readonly", "size", "dead", "keys", "commit", ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      SET_VECTOR_ELT(x, 0, Rf_ScalarString(r_path(path)));
      SET_VECTOR_ELT(x, 1, Rf_ScalarLogical(readonly));
      SET_VECTOR_ELT(x, 2, Rf_ScalarReal(size));
      SET_VECTOR_ELT(x, 3, Rf_ScalarReal(dead));
      SET_VECTOR_ELT(x, 4, Rf_ScalarReal(keys));
      SET_VECTOR_ELT(x, 5, Rf_ScalarReal(commit));
      UNPROTECT(1);
      return x;
    });
    return with_warnings(handle, out);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_flush(SEXP ptr) {
  return enter([&] {
    store_of(ptr).flush();
    return R_NilValue;
  });
}
