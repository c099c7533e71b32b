#include "r/write/attributes.h"

#include <algorithm>
#include <cstring>

#include "r/build.h"
#include "r/call.h"
#include "r/trusted_classes.h"
#include "r/vector.h"

namespace mmappickle::write {

bool contains(const std::vector<const char*>& names, const char* name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* one) { return std::strcmp(name, one) == 0; });
}

SEXP attributes_of(SEXP x) {
  const int type = TYPEOF(x);  // the names of a pairlist are its tags
  if (attribute_count(x) == 0 && type != LISTSXP && type != LANGSXP) return R_NilValue;
  return protect([&] {
    static SEXP function = Rf_findFun(Rf_install("attributes"), R_BaseEnv);
    SEXP call = PROTECT(Rf_lang2(function, x));
    if (TYPEOF(x) == SYMSXP || TYPEOF(x) == LANGSXP) {
      // not to be evaluated
      SEXP quoted = PROTECT(Rf_lang2(R_QuoteSymbol, x));
      SETCADR(call, quoted);
      UNPROTECT(1);
    }
    SEXP out = with_named_class(PROTECT(Rf_eval(call, R_BaseEnv)), x);
    UNPROTECT(2);
    return out;
  });
}

SEXP get_attribute(SEXP attributes, const char* name) {
  if (attributes == R_NilValue) return R_NilValue;
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    if (std::strcmp(CHAR(string_elt(names, i)), name) == 0) {
      return vector_elt(attributes, i);
    }
  }
  return R_NilValue;
}

bool same_text(SEXP x, std::initializer_list<const char*> texts) {
  if (texts.size() == 0) return x == R_NilValue;
  if (TYPEOF(x) != STRSXP || Rf_xlength(x) != static_cast<R_xlen_t>(texts.size())) {
    return false;
  }
  R_xlen_t i = 0;
  for (const char* text : texts) {
    if (std::strcmp(CHAR(string_elt(x, i++)), text) != 0) return false;
  }
  return true;
}

bool is_class(SEXP classes, const char* name) { return same_text(classes, {name}); }

bool has_no_attributes(SEXP attribute) { return attributes_of(attribute) == R_NilValue; }

// What these numbers stood for is gone when the session ends.
bool is_of_session(SEXP x, SEXP attributes) {
  for (const char* name :
       {"connection", "socket", "childProcess", "SOCKnode", "SOCK0node"}) {
    // Not by a class that is inert: that value is data.
    if (Rf_isObject(x) && Rf_inherits(x, name)) return true;
  }
  return get_attribute(attributes, "conn_id") != R_NilValue;  // unclass(stdin())
}

bool is_structure(const char* name) {
  return contains({"names", "dim", "dimnames", "class", "levels", "row.names", "tsp"},
                  name);
}

bool is_scaffolding(const char* name) {
  return contains({"problems", ".internal.selfref"}, name);
}

std::vector<Part> kept_attributes(Context& context, const Plan& plan, SEXP attributes) {
  std::vector<Part> kept;
  if (attributes == R_NilValue) return kept;
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  const bool data_frame = has_class(get_attribute(attributes, "class"), "data.frame");
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    SEXP charsxp = string_elt(names, i);
    const char* name = CHAR(charsxp);
    SEXP value = vector_elt(attributes, i);
    const bool dim =
        plan.says_dim && std::strcmp(name, "dim") == 0 && Rf_xlength(value) != 1;
    if (contains(plan.ignored, name)) continue;
    if ((dim || contains(plan.said, name)) && has_no_attributes(value)) continue;
    const bool dimnames = std::strcmp(name, "dimnames") == 0 && TYPEOF(value) == VECSXP;
    if (context.flags.reversed && (dim || dimnames)) {
      value = context.keep(protect([&] { return reversed(value); }));
    }
    Role role = Role::attribute;
    if (data_frame && std::strcmp(name, "row.names") == 0) {
      // NULL where they are not automatic, else their number
      SEXP automatic =
          context.keep(protect([&] { return call_own("automatic_rows", {plan.x}); }));
      if (automatic != R_NilValue) {
        value = automatic;
        role = Role::row_count;
      }
    }
    kept.push_back({value, role, charsxp, pickle::kNoId});
  }
  return kept;
}

}  // namespace mmappickle::write
