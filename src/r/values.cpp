#include "r/values.h"

#include "core/base/error.h"
#include "core/numpy/datetime.h"
#include "r/interrupt.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"

namespace mmappickle {

using numpy::Meaning;
using numpy::RType;
using numpy::RValues;

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

void take_strings(SEXP x, std::vector<Bytes>& strings, Stable<std::string>& texts) {
  strings.reserve(static_cast<std::size_t>(Rf_xlength(x)));
  InterruptPoll poll;
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    poll.after(0);
    SEXP s = string_elt(x, i);
    if (s == NA_STRING) {
      strings.emplace_back();
      continue;
    }
    std::string text = utf8_of(s);
    Bytes bytes(reinterpret_cast<const std::uint8_t*>(CHAR(s)),
                static_cast<std::uint64_t>(LENGTH(s)));
    if (bytes.text() != text) {
      texts.emplace_back(std::move(text));
      bytes = Bytes(std::string_view(texts.back()));
    }
    if (bytes.size == 0) bytes = Bytes(std::string_view(""));
    strings.push_back(bytes);
  }
}

}  // namespace

RValues r_values(SEXP x, std::vector<Bytes>& strings, Stable<std::string>& texts,
                 bool unclassed) {
  const bool factor = Rf_isFactor(x) && !unclassed;
  if (factor || !Rf_isVectorAtomic(x)) {
    throw Error(ErrorKind::value,
                std::string("A ") +
                    (Rf_isFactor(x) ? "factor" : Rf_type2char(TYPEOF(x))) +
                    " is no value for the elements of an array.");
  }
  RValues values;
  values.type = r_type(x);
  values.count = static_cast<std::uint64_t>(Rf_xlength(x));
  if (!unclassed) values.meaning = meaning_of(x);
  if (values.meaning == Meaning::difftime) values.seconds_per_unit = seconds_per_unit(x);
  if (values.type == RType::string) {
    take_strings(x, strings, texts);
    values.strings = &strings;
  } else {
    values.data = read_pointer(x);
  }
  return values;
}

}  // namespace mmappickle
