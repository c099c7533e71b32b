#include "r/read/text.h"

#include <algorithm>

#include "core/base/utf8.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

SEXP TextReader::plain(Id id) {
  if (!plan::is_r_text(tree_, id)) return nullptr;
  const Bytes text = tree_.bytes_of(id);
  return Rf_mkCharLenCE(reinterpret_cast<const char*>(text.data),
                        static_cast<int>(text.size), CE_UTF8);
}

SEXP TextReader::string(Id id) {
  tree_.poll();
  const pickle::Node node = tree_[id];
  if (node.size < plan::kLongText) {
    if (node.met_again) return recent(id);
    SEXP one = plain(id);
    return one ? one : NA_STRING;
  }
  const auto known = long_.find(id);
  if (known != long_.end()) return known->second;
  SEXP one = plain(id);
  if (!one) return NA_STRING;
  PROTECT(one);
  SET_VECTOR_ELT(holder_, kLong,
                 Rf_cons(PROTECT(Rf_ScalarString(one)), VECTOR_ELT(holder_, kLong)));
  long_[id] = one;
  UNPROTECT(2);
  return one;
}

SEXP TextReader::recent(Id id) {
  constexpr std::size_t kMost = 8192;
  if (SEXP one = known(id)) return one;
  if (recent_.empty()) {
    std::size_t size = 16;
    while (size < kMost && size < tree_.size()) size *= 2;
    SET_VECTOR_ELT(holder_, kRecent, Rf_allocVector(STRSXP, static_cast<R_xlen_t>(size)));
    recent_.resize(size);
  }
  SEXP one = plain(id);
  if (!one) return NA_STRING;
  const std::size_t place = id & (recent_.size() - 1);
  SET_STRING_ELT(VECTOR_ELT(holder_, kRecent), static_cast<R_xlen_t>(place), one);
  recent_[place] = {id, one};
  return one;
}

SEXP TextReader::last_names(const plan::Plans& plans, const plan::Plan& plan) const {
  SEXP names = VECTOR_ELT(holder_, kNames);
  const auto keys = plans.keys.begin();
  const bool same =
      names != R_NilValue && plan.own == last_own_ &&
      (plan.keys == last_keys_ ||
       std::equal(keys + plan.keys, keys + plan.keys + plan.own, keys + last_keys_));
  return same ? names : nullptr;
}

void TextReader::keep_names(const plan::Plan& plan, SEXP names) {
  SET_VECTOR_ELT(holder_, kNames, names);
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
