#include "r/read/text.h"

#include "core/base/utf8.h"
#include "r/text.h"

namespace mmappickle {

using pickle::Id;
using pickle::Tag;

SEXP TextReader::string(Id id) {
  tree_.poll();
  if (!plan::is_r_text(tree_, id)) return NA_STRING;
  if (tree_[id].size < plan::kLongText) return r_text(tree_.bytes_of(id));
  const auto known = long_.find(id);
  if (known != long_.end()) return known->second;
  SEXP one = PROTECT(r_text(tree_.bytes_of(id)));
  SET_VECTOR_ELT(holder_, 0,
                 Rf_cons(PROTECT(Rf_ScalarString(one)), VECTOR_ELT(holder_, 0)));
  long_[id] = one;
  UNPROTECT(2);
  return one;
}

SEXP TextReader::string(Id id, bool bytes) {
  if (!bytes) return string(id);
  if (tree_[id].tag != Tag::text) return NA_STRING;
  unescaped_ = surrogate_unescape(tree_.bytes_of(id));
  if (unescaped_.find('\0') != std::string::npos) return NA_STRING;
  return Rf_mkCharLenCE(unescaped_.data(), static_cast<int>(unescaped_.size()), CE_BYTES);
}

SEXP TextReader::strings(Id list) {
  SEXP out = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(tree_[list].size)));
  R_xlen_t i = 0;
  for (Id id : tree_.items(list)) {
    SET_STRING_ELT(out, i++, planner_.is_missing(id) ? NA_STRING : string(id));
  }
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
