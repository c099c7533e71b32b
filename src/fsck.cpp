// Checks and repairs; see R/fsck.R.
#include "core/store/fsck.h"

#include "enter.h"
#include "r/build.h"
#include "r/text.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// [[Rcpp::export(rng = false)]]
SEXP fsck_file(SEXP path, bool repair, double lock_timeout, bool force) {
  return enter([&] {
    store::Options options;
    options.lock_timeout = R_FINITE(lock_timeout) ? lock_timeout : -1;
    options.poll = poll_interrupt;
    Warnings warnings;
    options.warn_lock = [&](const std::string& message) {
      warnings.push_back({WarningKind::lock, message});
    };
    const store::Report report =
        store::fsck(system_path(path), repair, options, os::real_system_calls(), force);
    const auto& findings = report.findings;
    SEXP out = protect([&] {
      using store::Finding;
      const char* names[] = {"at",      "bytes", "key",      "problem", "action",
                             "harmful", "keys",  "repaired", "lost",    ""};
      SEXP x = PROTECT(Rf_mkNamed(VECSXP, names));
      column(x, 0, REALSXP, findings, [](SEXP c, R_xlen_t i, const Finding& f) {
        REAL(c)[i] = static_cast<double>(f.at);
      });
      column(x, 1, REALSXP, findings, [](SEXP c, R_xlen_t i, const Finding& f) {
        REAL(c)[i] = static_cast<double>(f.bytes);
      });
      column(x, 2, STRSXP, findings,
             [](SEXP c, R_xlen_t i, const Finding& f) { set_text(c, i, f.key); });
      column(x, 3, STRSXP, findings,
             [](SEXP c, R_xlen_t i, const Finding& f) { set_text(c, i, f.problem); });
      column(x, 4, STRSXP, findings,
             [](SEXP c, R_xlen_t i, const Finding& f) { set_text(c, i, f.action); });
      column(x, 5, LGLSXP, findings, [](SEXP c, R_xlen_t i, const Finding& f) {
        LOGICAL(c)[i] = f.harmful;
      });
      SET_VECTOR_ELT(x, 6, Rf_ScalarReal(static_cast<double>(report.keys)));
      SET_VECTOR_ELT(x, 7, Rf_ScalarLogical(report.repaired));
      SET_VECTOR_ELT(x, 8, Rf_ScalarString(r_path(report.lost)));
      UNPROTECT(1);
      return x;
    });
    Shield kept(out);
    raise_warnings(warnings);
    return out;
  });
}
