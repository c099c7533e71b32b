// What an attribute list says of a vector, and what of it has to be kept.
#include <cstring>

#include "core/numpy/datetime.h"
#include "r/call.h"
#include "r/write/encode.h"

namespace mmappickle {

using numpy::Meaning;

SEXP attributes_of(SEXP x) {
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

bool is_class(SEXP classes, const char* name) { return same_text(classes, {name}); }

// What these numbers stood for is gone when the session ends.
bool is_of_session(SEXP x, SEXP attributes) {
  for (const char* name :
       {"connection", "socket", "childProcess", "SOCKnode", "SOCK0node"}) {
    // Not by a class that is inert: that value is data.
    if (Rf_isObject(x) && Rf_inherits(x, name)) return true;
  }
  return get_attribute(attributes, "conn_id") != R_NilValue;  // unclass(stdin())
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

Meaning meaning_of(SEXP x) {
  if (TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) return Meaning::plain;
  SEXP classes = named_class(x);
  if (classes == R_NilValue) return Meaning::plain;
  if (has_class(classes, "integer64")) return Meaning::plain;
  if (has_class(classes, "Date")) return Meaning::date;
  if (has_class(classes, "POSIXct")) return Meaning::datetime;
  if (has_class(classes, "difftime")) return Meaning::difftime;
  return Meaning::plain;
}

double seconds_per_unit(SEXP difftime) {
  SEXP units = Rf_getAttrib(difftime, Rf_install("units"));
  const bool one = TYPEOF(units) == STRSXP && Rf_xlength(units) == 1;
  return numpy::seconds_per_unit(one ? CHAR(string_elt(units, 0)) : "");
}

namespace {

// Attributes of a date or the like that its Python value says, one way or another.
bool is_own(Meaning meaning, const std::string& name) {
  return name == "class" ? meaning != Meaning::plain
                         : (name == "tzone" && meaning == Meaning::datetime) ||
                               (name == "units" && meaning == Meaning::difftime);
}

}  // namespace

namespace {

// None is all that Python can say of it.
bool is_lone_na(SEXP x) {
  if (Rf_xlength(x) != 1) return false;
  const void* p = read_pointer(x);
  if (TYPEOF(x) == INTSXP) return *static_cast<const int*>(p) == NA_INTEGER;
  return ISNAN(*static_cast<const double*>(p));
}

}  // namespace

namespace {
// What says a value in another way does not say the attributes that it has in turn.
bool is_bare(SEXP attribute) { return attributes_of(attribute) == R_NilValue; }
}  // namespace

// Class, zone and units are just those that reading the Python value alone would give.
bool Encoder::is_natural(const Frame& frame, SEXP attributes) const {
  SEXP classes = get_attribute(attributes, "class");
  for (const char* name : {"class", "tzone", "units"}) {
    if (!is_bare(get_attribute(attributes, name))) return false;
  }
  const View* view = own_view(frame.x);
  if (!view && TYPEOF(frame.x) != REALSXP) return false;
  const char* units = "secs";
  if (view && view->array.dtype.kind == numpy::Kind::timedelta) {
    numpy::Target target;
    target_of(view->array.dtype, numpy::Choice(), target);
    units = target.units;
  }
  switch (frame.meaning) {
    case Meaning::date:
      return same_text(classes, {"Date"});
    case Meaning::datetime:
      return same_text(classes, {"POSIXct", "POSIXt"}) &&
             same_text(get_attribute(attributes, "tzone"), {"UTC"});
    case Meaning::difftime:
      return same_text(classes, {"difftime"}) &&
             same_text(get_attribute(attributes, "units"), {units});
    default:
      return true;
  }
}

// Attributes that the value itself does not say, as parts of the frame.
void Encoder::add_attributes(Frame& frame, SEXP attributes) {
  const bool marked = frame.form == Form::ndarray;
  const bool atomic = frame.form == Form::atomic;
  frame.scalar =
      atomic && !frame.column && Rf_xlength(frame.x) == 1 && TYPEOF(frame.x) != RAWSXP;
  if (attributes == R_NilValue) return;
  SEXP names = Rf_getAttrib(attributes, R_NamesSymbol);
  SEXP classes = get_attribute(attributes, "class");
  const bool integer64 = TYPEOF(frame.x) == REALSXP && has_class(classes, "integer64");
  const bool data_frame = has_class(classes, "data.frame");
  Meaning meaning = Meaning::plain;
  if (TYPEOF(frame.x) != VECSXP) {
    meaning = meaning_of(frame.x);
    frame.is_factor = atomic && is_factor(frame.x, attributes);
  }
  const bool is_view = own_view(frame.x) != nullptr;
  if (meaning != Meaning::plain && !marked &&
      (is_view || fits_time(frame.x, meaning, frame.column))) {
    frame.meaning = meaning;
    frame.bare = !is_natural(frame, attributes) || is_lone_na(frame.x);
  }
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    const std::string name = CHAR(string_elt(names, i));
    SEXP value = vector_elt(attributes, i);
    if (is_said(frame, attributes, name) && is_bare(value)) continue;
    // Where code was parsed from is no part of it.
    if (frame.type && (name == "srcref" || name == "srcfile" || name == "wholeSrcref")) {
      continue;
    }
    const bool own = is_own(meaning, name);
    if (!own && !(integer64 && name == "class")) frame.scalar = false;
    const bool shape = name == "dim" && Rf_xlength(value) != 1 && !frame.is_factor;
    if (shape && is_bare(value)) continue;
    if (marked && (own || name == "class")) continue;  // the dtype's business
    if (own && frame.meaning != Meaning::plain && !frame.bare) continue;
    if (integer64 && name == "class" && is_class(classes, "integer64") &&
        is_bare(classes)) {
      continue;
    }
    if (name == "class" && has_class(classes, "AsIs")) frame.scalar = false;
    if ((shape || (name == "dimnames" && TYPEOF(value) == VECSXP)) && flags_.reversed) {
      value = borrowed_->anchor(protect([&] { return reversed(value); }));
    }
    if (name == "row.names" && data_frame) {
      // NULL where they are not automatic, else their number
      SEXP automatic = borrowed_->anchor(
          protect([&] { return call_own("automatic_rows", {frame.x}); }));
      if (automatic != R_NilValue) value = automatic;
      frame.parts.push_back(
          {value, string_elt(names, i), false, automatic != R_NilValue});
      continue;
    }
    frame.parts.push_back({value, string_elt(names, i), false});
  }
}

}  // namespace mmappickle
