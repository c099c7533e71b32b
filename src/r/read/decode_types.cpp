// What R metadata says beside attributes: factors, dates with their own class or more
// bits than Python keeps, strings in the encoding "bytes", code.
#include <cmath>

#include "core/base/utf8.h"
#include "core/numpy/datetime.h"
#include "core/numpy/items.h"
#include "r/read/decode.h"

namespace mmappickle {

using numpy::Meaning;
using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

// -- dates, times, differences -------------------------------------------------------

// Seconds a unit of what R is to hold: by the attribute "units", where class and units
// are the attributes'.
double Decoder::seconds_a_unit(const Plan& plan, const char* natural) const {
  Id units = plan.type.size ? attribute(plan, "units") : kNoId;
  // With attributes of its own it is a vector of one text.
  if (units != kNoId && tree_[units].tag == Tag::list) units = tree_.item(units, 0);
  if (units == kNoId || tree_[units].tag != Tag::text)
    return numpy::seconds_per_unit(natural);
  return numpy::seconds_per_unit(tree_.text_of(units));
}

// Null where it is no array of dates, or nothing is special about it.
SEXP Decoder::time_array(const Plan& plan, SEXP box) {
  const numpy::Array& array = arrays_[plan.array];
  if (array.dtype.kind != numpy::Kind::datetime &&
      array.dtype.kind != numpy::Kind::timedelta) {
    return nullptr;
  }
  const bool bare = plan.type.size != 0;
  const bool integer = plan.type.text() == "integer";
  const numpy::TimeScale scale(array.dtype);
  const numpy::Target& target = scale.target();
  const bool difference = target.meaning == Meaning::difftime;
  const double from = difference ? numpy::seconds_per_unit(target.units) : 1;
  const double to = difference ? seconds_a_unit(plan, target.units) : 1;
  SEXP view = PROTECT(plain_array(array, flags_.choice(), View::Of::array, bare));
  SEXP own = plan.value == kNoId ? R_NilValue : VECTOR_ELT(box, 0);
  const R_xlen_t n = Rf_xlength(view);
  if (own != R_NilValue && (TYPEOF(own) != REALSXP || Rf_xlength(own) != n || integer)) {
    misfit();
    own = R_NilValue;
  }
  if (!integer && from == to && own == R_NilValue) {
    UNPROTECT(1);
    return view;
  }
  SEXP out = PROTECT(Rf_allocVector(integer ? INTSXP : REALSXP, n));
  for (R_xlen_t i = 0; i < n; ++i) {
    const double shown = REAL_ELT(view, i);
    double v = ISNAN(shown) || from == to ? shown : shown * from / to;
    if (integer) {
      INTEGER(out)
      [i] = ISNAN(v) || std::fabs(v) > INT32_MAX ? NA_INTEGER : static_cast<int>(v);
      continue;
    }
    if (own != R_NilValue) {
      // R's own bits, as long as they are what Python's value was made from: it may have
      // been changed in place.
      const double candidate = REAL_ELT(own, i);
      std::int64_t ticks = numpy::kNaT;
      if (!ISNAN(candidate)) {
        scale.ticks(target.meaning == Meaning::date ? std::floor(candidate)
                                                    : candidate * to / from,
                    ticks);
      }
      if (numpy::same_bits(scale.value(ticks), shown)) v = candidate;
    }
    REAL(out)[i] = v;
  }
  SEXP dim = Rf_getAttrib(view, R_DimSymbol);
  if (dim != R_NilValue) Rf_setAttrib(out, R_DimSymbol, dim);
  if (!bare) set_meaning(out, target.type, target.meaning, target.units);
  UNPROTECT(2);
  return out;
}

// Null where it is none, or nothing is special about it.
SEXP Decoder::time_scalar(const Plan& plan, SEXP box) {
  const bool bare = plan.type.size != 0;
  const bool integer = plan.type.text() == "integer";
  if (bare && !integer && plan.type.text() != "double") return nullptr;
  SEXP own = plan.value == kNoId ? R_NilValue : VECTOR_ELT(box, 0);
  if (own != R_NilValue &&
      (TYPEOF(own) != REALSXP || Rf_xlength(own) != 1 || Rf_isObject(own))) {
    misfit();
    own = R_NilValue;
  }
  if (plan.known == SIZE_MAX) {  // None: an NA of whatever bits
    const bool none = plan.items == kNoId && tree_[plan.id].tag == Tag::none;
    return none && own != R_NilValue ? Rf_ScalarReal(REAL_ELT(own, 0)) : nullptr;
  }
  const Known& k = known_[plan.known];
  if (k.kind != Known::scalar || k.meaning == Meaning::plain) return nullptr;
  double v = k.number;
  if (k.meaning == Meaning::difftime) v /= seconds_a_unit(plan, "secs");
  if (own != R_NilValue) v = REAL_ELT(own, 0);
  if (integer) return Rf_ScalarInteger(std::fabs(v) > INT32_MAX ? NA_INTEGER : int(v));
  SEXP out = PROTECT(bare ? Rf_ScalarReal(v) : known(k));
  if (!bare) REAL(out)[0] = v;
  UNPROTECT(1);
  return out;
}

// -- factors ---------------------------------------------------------------------------

// The codes are not looked at yet: see factor().
bool Decoder::fits_factor(const Plan& plan) const {
  const Id levels = attribute(plan, "levels");  // a list; one level is a text alone
  if (plan.value == kNoId || levels == kNoId) return false;
  const auto is_text = [&](Id id) {
    return tree_[id].tag == Tag::text || tree_[id].tag == Tag::none;
  };
  const auto are_texts = [&](Id list) {
    for (Id item : tree_.items(list)) {
      if (!is_text(item)) return false;
    }
    return true;
  };
  return are_texts(plan.items) &&
         (tree_[levels].tag == Tag::list ? are_texts(levels) : is_text(levels));
}

// The codes, if each names the level that stands in the Python list; else the strings.
SEXP Decoder::factor(const Plan& plan, SEXP box) {
  SEXP codes = VECTOR_ELT(box, 0);
  bool fits = TYPEOF(codes) == INTSXP && !Rf_isObject(codes) &&
              static_cast<std::uint64_t>(Rf_xlength(codes)) == tree_[plan.items].size;
  if (fits) {
    const std::size_t first = keys_.size();  // keys_ is a stack
    const Id levels = attribute(plan, "levels");
    for (Id level : tree_.items(levels)) keys_.push_back(level);
    if (tree_[levels].tag != Tag::list) keys_.push_back(levels);
    const std::size_t count = keys_.size() - first;
    R_xlen_t i = 0;
    for (Id item : tree_.items(plan.items)) {
      const int code = INTEGER_ELT(codes, i++);
      if (code == NA_INTEGER) {
        fits = tree_[item].tag == Tag::none;
      } else {
        const bool inside = code >= 1 && static_cast<std::size_t>(code) <= count;
        const Id level =
            inside ? keys_[first + static_cast<std::size_t>(code) - 1] : kNoId;
        fits = inside && (level == item || (tree_[level].tag == tree_[item].tag &&
                                            tree_.text_of(level) == tree_.text_of(item)));
      }
      if (!fits) break;
    }
    keys_.resize(first);
  }
  if (fits) return codes;
  misfit();
  return vector_of(plan, Simple::character);
}

// -- strings ----------------------------------------------------------------------------

// A CHARSXP; NA for None and for what R cannot hold. A long text that many refer to is
// made once.
SEXP Decoder::text_item(Id id) {
  const Tag tag = tree_[id].tag;
  const bool text = tag == Tag::text || tag == Tag::string;
  if (!text || tree_[id].size < kLongText) {
    return is_r_text(tree_, id) ? r_text(tree_.bytes_of(id)) : NA_STRING;
  }
  SEXP known = remembered(id);
  if (known != R_NilValue) return STRING_ELT(known, 0);
  if (!is_r_text(tree_, id)) return NA_STRING;
  SEXP one = PROTECT(Rf_ScalarString(r_text(tree_.bytes_of(id))));
  remember(id, one);
  UNPROTECT(1);
  return STRING_ELT(one, 0);
}

// A CHARSXP; NA for None and for what R cannot hold.
SEXP Decoder::text_or_bytes(Id id, bool bytes) {
  if (!bytes) return text_item(id);
  const Bytes text = tree_.bytes_of(id);
  if (tree_[id].tag != Tag::text) return NA_STRING;
  scratch_ = surrogate_unescape(text);
  if (scratch_.find('\0') != std::string::npos) return NA_STRING;
  return Rf_mkCharLenCE(scratch_.data(), static_cast<int>(scratch_.size()), CE_BYTES);
}

// -- code, and the few environments that every session has ------------------------------

// A text that names something; null if it is to be read as it is.
SEXP Decoder::named_thing(const Plan& plan) {
  const std::string_view type = plan.type.text();
  if (plan.items != kNoId) return nullptr;
  const Node& node = tree_[plan.id];
  if (type == "row.names" && node.tag == Tag::integer && node.integer > INT32_MIN &&
      node.integer <= INT32_MAX) {
    SEXP rows = Rf_allocVector(INTSXP, 2);
    INTEGER(rows)[0] = NA_INTEGER;
    INTEGER(rows)[1] = static_cast<int>(node.integer);
    return rows;
  }
  if (node.tag != Tag::text) return nullptr;
  const Bytes text = tree_.bytes_of(plan.id);
  if (plan.bytes != kNoId && type.empty()) {
    return Rf_ScalarString(text_or_bytes(plan.id, Positions(tree_, plan.bytes).has(0)));
  }
  const bool code = type == "symbol" || type == "environment";
  if (code && !plan.inside) {
    misfit();
    return nullptr;
  }
  if (type == "symbol" && is_r_text(text)) {
    if (text.size == 0) return R_MissingArg;
    SEXP symbol = Rf_installTrChar(PROTECT(r_text(text)));
    UNPROTECT(1);
    return symbol;
  }
  if (type == "environment") {
    if (text.text() == "global") return R_GlobalEnv;
    if (text.text() == "base") return R_BaseEnv;
    if (text.text() == "empty") return R_EmptyEnv;
  }
  return nullptr;
}

// A list as a call, pairlist or expression.
SEXP Decoder::language(const Plan& plan, SEXP list) {
  const std::string_view type = plan.type.text();
  const bool call = type == "call";
  if (!call && type != "pairlist" && type != "expression") return list;
  if (!plan.inside) {
    misfit();
    return list;
  }
  if (type == "expression") {
    const R_xlen_t n = Rf_xlength(list);
    PROTECT(list);
    SEXP out = PROTECT(Rf_allocVector(EXPRSXP, n));
    for (R_xlen_t i = 0; i < n; ++i) SET_VECTOR_ELT(out, i, VECTOR_ELT(list, i));
    UNPROTECT(2);
    return out;
  }
  PROTECT(list);
  SEXP out = R_NilValue;
  for (R_xlen_t i = Rf_xlength(list); i-- > 0;) {
    PROTECT(out);
    SEXP item = VECTOR_ELT(list, i);
    out = call && i == 0 ? Rf_lcons(item, out) : Rf_cons(item, out);
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
