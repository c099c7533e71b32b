// What only the package's own tests call: the system calls of a handle that was opened
// with options(mmappickle.testing_system_calls = TRUE), which fails or kills at a chosen
// system call and tells which calls were made; and what has no function of R's.
#include <cstring>

#include "enter.h"
#include "r/handle.h"
#include "r/progress.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/view/reference.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

os::FaultySystemCalls& faults_of(SEXP ptr) {
  Handle& handle = handle_of(ptr);
  if (!handle.system) {
    throw Error(ErrorKind::unsupported,
                "This handle was opened without a testing system.");
  }
  return *handle.system;
}

}  // namespace

// Counts calls from now on: the fail_at-th fails with `error`, a name of errno ("": none
// does), the process ends before the kill_at-th.
// [[Rcpp::export(rng = false)]]
SEXP fail_system_calls(SEXP ptr, double fail_at, std::string error, double kill_at,
                       bool partial) {
  return enter([&] {
    os::FaultySystemCalls& system = faults_of(ptr);
    system.log.clear();
    system.calls = 0;
    system.fail_at = static_cast<std::uint64_t>(fail_at);
    system.error = error;
    system.kill_at = static_cast<std::uint64_t>(kill_at);
    system.partial = partial;
    return R_NilValue;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP changing_system_calls(SEXP ptr) {
  return enter([&] {
    const os::FaultySystemCalls& system = faults_of(ptr);
    return protect([&] {
      SEXP out =
          PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(system.log.size())));
      for (std::size_t i = 0; i < system.log.size(); ++i) {
        const os::FaultySystemCalls::Call& call = system.log[i];
        const char* names[] = {"name", "offset", "size", "bytes", "path", "to", ""};
        SEXP entry = Rf_mkNamed(VECSXP, names);
        SET_VECTOR_ELT(out, static_cast<R_xlen_t>(i), entry);
        SET_VECTOR_ELT(entry, 0, Rf_mkString(call.name.c_str()));
        SET_VECTOR_ELT(entry, 1, Rf_ScalarReal(static_cast<double>(call.offset)));
        SET_VECTOR_ELT(entry, 2, Rf_ScalarReal(static_cast<double>(call.size)));
        SEXP bytes = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(call.bytes.size()));
        SET_VECTOR_ELT(entry, 3, bytes);
        if (!call.bytes.empty()) {
          std::memcpy(RAW(bytes), call.bytes.data(), call.bytes.size());
        }
        SET_VECTOR_ELT(entry, 4, Rf_mkString(call.path.c_str()));
        SET_VECTOR_ELT(entry, 5, Rf_mkString(call.to.c_str()));
      }
      UNPROTECT(1);
      return out;
    });
  });
}

// What is decided of classes, for the test that compares it with the table of why.
// [[Rcpp::export(rng = false)]]
SEXP class_kinds(SEXP names) {
  static const char* const kinds[] = {"data", "acts", "mark", "other"};
  return enter([&] {
    return protect([&] {
      const R_xlen_t n = Rf_xlength(names);
      SEXP out = PROTECT(Rf_allocVector(STRSXP, n));
      for (R_xlen_t i = 0; i < n; ++i) {
        const auto kind = metadata::kind_of_class(CHAR(string_elt(names, i)));
        SET_STRING_ELT(out, i, Rf_mkChar(kinds[static_cast<int>(kind)]));
      }
      UNPROTECT(1);
      return out;
    });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP view_to_reference(SEXP x) {
  return enter([&] { return reference_to(x); });
}

// [[Rcpp::export(rng = false)]]
SEXP view_from_reference(SEXP state) {
  return enter([&] { return view_of_reference(state); });
}

// Seconds before work that goes on is shown.
// [[Rcpp::export(rng = false)]]
SEXP progress_quiet(double seconds) {
  set_quiet(seconds);
  return R_NilValue;
}
