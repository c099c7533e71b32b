#include "r/read/pandas.h"

#include <algorithm>

#include "r/build.h"
#include "r/call.h"
#include "r/read/list.h"
#include "r/text.h"

namespace mmappickle {

using pandas::Labels;
using pandas::Object;
using pandas::Type;
using pickle::Id;
using pickle::kNoId;

SEXP PandasReader::value(const plan::Plan& plan, SEXP values) {
  const Object& v = *context_.plans.details_of(plan).pandas;
  SEXP out = PROTECT(natural(plan, v, values));
  set_labels(out, v);
  // What follows the items or parts: the planner's add_parts() has the order.
  const bool list = plan::is_list(plan, v, context_.flags.simplify);
  std::uint64_t next = (list ? v.count : 0) + v.parts.size();
  if (v.names != kNoId) ++next;
  if (v.columns != kNoId) ++next;
  const auto attribute = [&](Id id, const char* name) {
    if (id == kNoId) return;
    SEXP value = VECTOR_ELT(values, context_.plans.child(plan, next++));
    Rf_setAttrib(out, Rf_install(name), value);
  };
  attribute(v.index, "index");
  attribute(v.name, v.series ? "name_of_series" : "name_of_index");
  attribute(v.index_name, "name_of_index");
  attribute(v.attributes, "attrs");
  UNPROTECT(1);
  return out;
}

void PandasReader::set_labels(SEXP out, const Object& v) {
  if (v.labels == Labels::text) {
    SEXP texts = PROTECT(text_.strings(v.label_texts));
    Rf_setAttrib(out, v.series ? R_NamesSymbol : R_RowNamesSymbol, texts);
    UNPROTECT(1);
  } else if (v.labels == Labels::integers) {
    const auto n = static_cast<R_xlen_t>(v.label_integers.size());
    SEXP integers = PROTECT(Rf_allocVector(INTSXP, n));
    std::copy(v.label_integers.begin(), v.label_integers.end(), INTEGER(integers));
    Rf_setAttrib(out, v.series ? Rf_install("index") : R_RowNamesSymbol, integers);
    UNPROTECT(1);
  }
}

SEXP PandasReader::natural(const plan::Plan& plan, const Object& v, SEXP values) {
  if (plan::is_list(plan, v, context_.flags.simplify)) {
    return children_of(context_.plans, plan, values, 0, v.count);
  }
  if (plan.simple != plan::Simple::no) return vectors_.vector(plan, plan.simple, v.list);
  const auto child = [&](std::uint64_t i) {
    return VECTOR_ELT(values, context_.plans.child(plan, i));
  };
  switch (v.kind) {
    case Type::frame:
      return frame(plan, v, values);
    case Type::levels:
      return levels(plan, v, values);
    case Type::vector:
      return vector(v);
    case Type::strings:
      return text_.strings(v.list);
    case Type::range:
      return range(v);
    case Type::moment:
    case Type::duration:
      return time(v);
    case Type::factor: {
      SEXP codes = PROTECT(arrays_.codes(v.array));
      SEXP ordered = PROTECT(Rf_ScalarLogical(v.ordered));
      SEXP repeated = PROTECT(Rf_ScalarLogical(v.repeated));
      SEXP out = call_own("pandas_factor", {codes, child(0), ordered, repeated});
      UNPROTECT(3);
      return out;
    }
    case Type::lists: {
      SEXP starts = PROTECT(arrays_.codes(v.codes[0]));
      SEXP sizes = PROTECT(arrays_.codes(v.codes[1]));
      SEXP out = call_own("pandas_lists", {child(0), starts, sizes});
      UNPROTECT(2);
      return out;
    }
    case Type::intervals: {
      SEXP closed = PROTECT(Rf_ScalarString(r_text(v.text)));
      SEXP out = call_own("pandas_intervals", {child(0), child(1), closed});
      UNPROTECT(1);
      return out;
    }
    default:
      return Rf_ScalarLogical(NA_LOGICAL);
  }
}

SEXP PandasReader::vector(const Object& v) {
  SEXP out = PROTECT(arrays_.array(v.array, Bytes()));
  if (v.text.size && Rf_inherits(out, "POSIXct")) {
    Rf_setAttrib(out, Rf_install("tzone"), PROTECT(Rf_ScalarString(r_text(v.text))));
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return out;
}

SEXP PandasReader::range(const Object& v) {
  python::Recognised range;
  range.kind = python::Recognised::range;
  range.start = static_cast<double>(v.start);
  range.step = static_cast<double>(v.step);
  range.count = static_cast<double>(v.count);
  return vectors_.python(range);
}

SEXP PandasReader::time(const Object& v) {
  python::Recognised time;
  time.kind = python::Recognised::scalar;
  time.meaning =
      v.kind == Type::moment ? numpy::Meaning::datetime : numpy::Meaning::difftime;
  time.number = v.number;
  time.zone = v.text;
  return vectors_.python(time);
}

SEXP PandasReader::levels(const plan::Plan& plan, const Object& v, SEXP values) {
  SEXP codes = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(v.codes.size())));
  R_xlen_t i = 0;
  for (const numpy::Array& array : v.codes) {
    SET_VECTOR_ELT(codes, i++, arrays_.codes(array));
  }
  SEXP levels = PROTECT(children_of(context_.plans, plan, values, 0, v.parts.size()));
  SEXP names = VECTOR_ELT(values, context_.plans.child(plan, v.parts.size()));
  SEXP out = call_own("pandas_levels", {levels, codes, names});
  UNPROTECT(2);
  return out;
}

// Rows beyond what a data frame can have: a list of the columns.
SEXP PandasReader::frame(const plan::Plan& plan, const Object& v, SEXP values) {
  const std::uint64_t n = v.parts.size();
  SEXP out = PROTECT(children_of(context_.plans, plan, values, 0, n));
  SEXP names;
  if (v.columns == kNoId) {
    names = text_.strings(v.column_texts);
  } else {
    SEXP labels = VECTOR_ELT(values, context_.plans.child(plan, n));
    names = call_own("pandas_text", {labels});
  }
  Rf_setAttrib(out, R_NamesSymbol, PROTECT(names));
  make_data_frame(out, v.count);
  UNPROTECT(2);
  return out;
}

}  // namespace mmappickle
