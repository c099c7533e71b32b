// What a file holds; see R/entries.R.
#include "enter.h"
#include "r/build.h"
#include "r/call.h"
#include "r/handle.h"
#include "r/info.h"
#include "r/text.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// [[Rcpp::export(rng = false)]]
SEXP store_entries(SEXP ptr, bool dead, int flags, double most, bool briefs) {
  return enter([&] {
    const bool bit64 = briefs && has_bit64();
    const std::vector<Row> rows =
        rows_of(store_of(ptr), {dead, briefs, most}, Flags(flags), bit64);
    return protect([&] {
      const char* names[] = {"key",   "live",        "kind",      "dtype", "shape",
                             "order", "type",        "zero_copy", "bytes", "offset",
                             "at",    "portable",    "brief",     "of",    "value",
                             "quote", "mask_offset", "capacity",  ""};
      SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
      column(out, 0, STRSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        SET_STRING_ELT(x, i, r_text(mmappickle::Bytes(std::string_view(r.key))));
      });
      column(out, 1, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.live;
      });
      column(out, 2, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.kind); });
      column(out, 3, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.dtype); });
      column(out, 4, VECSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        if (r.has_array) SET_VECTOR_ELT(x, i, extents(r.shape));
      });
      column(out, 5, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.order); });
      column(out, 6, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.type); });
      column(out, 7, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.has_array ? r.zero_copy : NA_LOGICAL;
      });
      column(out, 8, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.bytes;
      });
      column(out, 9, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.has_array ? r.offset : NA_REAL;
      });
      column(out, 10, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.at;
      });
      column(out, 11, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.has_array ? r.portable : NA_LOGICAL;
      });
      column(out, 12, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.brief.text); });
      column(out, 13, STRSXP, rows,
             [](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, r.brief.type); });
      column(out, 14, STRSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        SET_STRING_ELT(
            x, i,
            r.brief.has_value ? r_text(mmappickle::Bytes(r.brief.value)) : NA_STRING);
      });
      column(out, 15, LGLSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        LOGICAL(x)[i] = r.brief.is_text;
      });
      column(out, 16, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.mask_offset != 0 ? r.mask_offset : NA_REAL;
      });
      column(out, 17, REALSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        REAL(x)[i] = r.capacity < 0 ? NA_REAL : r.capacity;
      });
      UNPROTECT(1);
      return out;
    });
  });
}
