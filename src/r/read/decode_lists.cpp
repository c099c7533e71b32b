// Lists of all kinds, from the values of their items.
#include "r/class_name.h"
#include "r/read/decode.h"

namespace mmappickle {

SEXP Decoder::named_list(const Plan& plan, SEXP box) {
  SEXP list = PROTECT(items_of(plan, box));
  SEXP names = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(plan.own)));
  Positions bytes(tree_, plan.bytes);
  for (std::uint64_t i = 0; i < plan.own; ++i) {
    SET_STRING_ELT(names, static_cast<R_xlen_t>(i),
                   text_or_bytes(keys_[plan.keys + i], bytes.has(i)));
  }
  Rf_setAttrib(list, R_NamesSymbol, names);
  if (plan.rows != UINT64_MAX) make_data_frame(list, plan.rows);
  UNPROTECT(2);
  return list;
}

// The box itself where it holds nothing but the items, else a copy of its head.
SEXP Decoder::items_of(const Plan& plan, SEXP box) {
  const R_xlen_t own = static_cast<R_xlen_t>(plan.own);
  if (box != R_NilValue && Rf_xlength(box) == own) return box;
  SEXP list = PROTECT(Rf_allocVector(VECSXP, own));
  for (R_xlen_t i = 0; i < own; ++i) SET_VECTOR_ELT(list, i, VECTOR_ELT(box, i));
  UNPROTECT(1);
  return list;
}

SEXP Decoder::python_dict(const Plan& plan, SEXP box) {
  const R_xlen_t n = static_cast<R_xlen_t>(plan.own / 2);
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 2));
  for (int part = 0; part < 2; ++part) {
    SEXP list = Rf_allocVector(VECSXP, n);
    SET_VECTOR_ELT(out, part, list);
    for (R_xlen_t i = 0; i < n; ++i)
      SET_VECTOR_ELT(list, i, VECTOR_ELT(box, part * n + i));
  }
  SEXP names = PROTECT(Rf_allocVector(STRSXP, 2));
  SET_STRING_ELT(names, 0, Rf_mkChar("keys"));
  SET_STRING_ELT(names, 1, Rf_mkChar("values"));
  Rf_setAttrib(out, R_NamesSymbol, names);
  with_own_class(out, "python_dict");
  UNPROTECT(2);
  return out;
}

}  // namespace mmappickle
