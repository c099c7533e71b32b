#include "r/read/text.h"

#include <algorithm>

#include "core/base/utf8.h"

namespace mmappickle {

using pickle::Id;
using pickle::Tag;

// Looked at once: whether it is of R's, and as what it comes there.
SEXP TextReader::plain(Id id) {
  const Tag tag = tree_[id].tag;
  if (tag != Tag::text && tag != Tag::string) return nullptr;
  const Bytes text = tree_.bytes_of(id);
  const TextKind kind = classify_text(text);
  if (kind != TextKind::ascii && (tag == Tag::string || kind != TextKind::utf8)) {
    return nullptr;
  }
  return Rf_mkCharLenCE(reinterpret_cast<const char*>(text.data),
                        static_cast<int>(text.size), CE_UTF8);
}

SEXP TextReader::string(Id id) {
  tree_.poll();
  if (tree_[id].size < plan::kLongText) {
    SEXP one = plain(id);
    return one ? one : NA_STRING;
  }
  const auto known = long_.find(id);
  if (known != long_.end()) return known->second;
  SEXP one = plain(id);
  if (!one) return NA_STRING;
  PROTECT(one);
  SET_VECTOR_ELT(holder_, 0,
                 Rf_cons(PROTECT(Rf_ScalarString(one)), VECTOR_ELT(holder_, 0)));
  long_[id] = one;
  UNPROTECT(2);
  return one;
}

SEXP TextReader::last_names(const plan::Plans& plans, const plan::Plan& plan) const {
  SEXP names = VECTOR_ELT(holder_, 1);
  const auto keys = plans.keys.begin();
  const bool same =
      names != R_NilValue && plan.own == last_own_ &&
      std::equal(keys + plan.keys, keys + plan.keys + plan.own, keys + last_keys_);
  return same ? names : nullptr;
}

void TextReader::keep_names(const plan::Plan& plan, SEXP names) {
  SET_VECTOR_ELT(holder_, 1, names);
  last_keys_ = plan.keys;
  last_own_ = plan.own;
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
