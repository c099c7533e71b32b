// What a file holds; see R/entries.R.
#include "enter.h"
#include "r/build.h"
#include "r/call.h"
#include "r/handle.h"
#include "r/info.h"
#include "r/text.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// Columns of the table, each of what is told of a row. Inside of protect().
struct Columns {
  SEXP out;
  const std::vector<Row>& rows;

  template <class Of>
  void texts(int at, Of&& of) const {
    column(out, at, STRSXP, rows, [&](SEXP x, R_xlen_t i, const Row& r) {
      SET_STRING_ELT(x, i, r_text(of(r)));
    });
  }
  template <class Of>
  void words(int at, Of&& of) const {
    column(out, at, STRSXP, rows,
           [&](SEXP x, R_xlen_t i, const Row& r) { set_text(x, i, of(r)); });
  }
  template <class Of>
  void truths(int at, Of&& of) const {
    column(out, at, LGLSXP, rows, [&](SEXP x, R_xlen_t i, const Row& r) {
      LOGICAL(x)[i] = of(r);
    });
  }
  template <class Of>
  void numbers(int at, Of&& of) const {
    column(out, at, REALSXP, rows, [&](SEXP x, R_xlen_t i, const Row& r) {
      REAL(x)[i] = of(r);
    });
  }
};

}  // namespace

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
      const Columns columns{out, rows};
      columns.texts(
          0, [](const Row& r) { return mmappickle::Bytes(std::string_view(r.key)); });
      columns.truths(1, [](const Row& r) -> int { return r.live; });
      columns.words(
          2, [](const Row& r) -> auto& { return r.kind; });
      columns.words(
          3, [](const Row& r) -> auto& { return r.dtype; });
      column(out, 4, VECSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        if (r.has_array) SET_VECTOR_ELT(x, i, extents(r.shape));
      });
      columns.words(
          5, [](const Row& r) -> auto& { return r.order; });
      columns.words(
          6, [](const Row& r) -> auto& { return r.type; });
      columns.truths(7,
                     [](const Row& r) { return r.has_array ? r.zero_copy : NA_LOGICAL; });
      columns.numbers(8, [](const Row& r) { return r.bytes; });
      columns.numbers(9, [](const Row& r) { return r.offset > 0 ? r.offset : NA_REAL; });
      columns.numbers(10, [](const Row& r) { return r.at; });
      columns.truths(11,
                     [](const Row& r) { return r.has_array ? r.portable : NA_LOGICAL; });
      columns.words(
          12, [](const Row& r) -> auto& { return r.brief.text; });
      columns.words(
          13, [](const Row& r) -> auto& { return r.brief.type; });
      column(out, 14, STRSXP, rows, [](SEXP x, R_xlen_t i, const Row& r) {
        SET_STRING_ELT(
            x, i,
            r.brief.has_value ? r_text(mmappickle::Bytes(r.brief.value)) : NA_STRING);
      });
      columns.truths(15, [](const Row& r) -> int { return r.brief.is_text; });
      columns.numbers(
          16, [](const Row& r) { return r.mask_offset ? r.mask_offset : NA_REAL; });
      columns.numbers(17,
                      [](const Row& r) { return r.capacity < 0 ? NA_REAL : r.capacity; });
      UNPROTECT(1);
      return out;
    });
  });
}
