#include "r/read/pandas.h"

#include <cstdio>

#include "r/build.h"
#include "r/call.h"
#include "r/read/list.h"
#include "r/text.h"
#include "r/view/view.h"

namespace mmappickle {

using pandas::Labels;
using pandas::Object;
using pandas::Type;
using pickle::Id;
using pickle::kNoId;

SEXP PandasReader::value(const plan::Plan& plan, SEXP values) {
  const Object& v = *context_.plans.details_of(plan).pandas;
  SEXP out = PROTECT(natural(plan, v, values));
  if (plan::has_labels(v, context_.flags.index)) set_labels(out, v);
  const plan::PandasChildren more = plan::pandas_children(v, context_.flags.index);
  const bool list = plan::is_list(plan, v, context_.flags.simplify);
  std::uint64_t next = (list ? v.count : 0) + v.parts.size();
  if (more.names != kNoId) ++next;
  if (more.columns != kNoId) ++next;
  const auto take = [&](Id id) {
    return id == kNoId ? R_NilValue
                       : VECTOR_ELT(values, context_.plans.child(plan, next++));
  };
  SEXP index = take(more.index), name = take(more.name);
  SEXP index_name = take(more.index_name), attributes = take(more.attributes);
  if (plan::has_index_column(v, context_.flags.index)) {
    out = indexed(out, v, index, name, index_name);
    if (v.series) name = R_NilValue;  // it is the column's
    index = index_name = R_NilValue;
    UNPROTECT(1);
    PROTECT(out);
  }
  const auto attribute = [&](const char* symbol, SEXP x) {
    if (x != R_NilValue) Rf_setAttrib(out, Rf_install(symbol), x);
  };
  attribute("index", index);
  // (A data frame has a name where it is a series of structures.)
  const bool series = v.series || v.kind == Type::frame;
  attribute(series ? "name_of_series" : "name_of_index", name);
  attribute("name_of_index", index_name);
  attribute("attrs", attributes);
  if (Rf_inherits(out, "data.frame")) note_objects(out);
  UNPROTECT(1);
  return out;
}

SEXP PandasReader::indexed(SEXP out, const Object& v, SEXP index, SEXP name,
                           SEXP index_name) {
  if (view_of(out)) seal(out);
  SEXP levels = PROTECT(Rf_ScalarLogical(v.index_levels));
  SEXP series = PROTECT(Rf_ScalarLogical(v.series));
  out = call_own("pandas_indexed", {out, index, index_name, levels, series, name});
  UNPROTECT(2);
  return out;
}

// The columns in which Python's objects are left, whatever they came from; these are of
// class AsIs, by which R shows each cell in its own way.
void PandasReader::note_objects(SEXP frame) {
  SEXP names = Rf_getAttrib(frame, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(frame); ++i) {
    SEXP column = VECTOR_ELT(frame, i);
    if (TYPEOF(column) != VECSXP || Rf_isObject(column)) continue;
    for (R_xlen_t row = 0; row < Rf_xlength(column); ++row) {
      SEXP cell = VECTOR_ELT(column, row);
      if (TYPEOF(cell) != VECSXP || !Rf_inherits(cell, "python_object")) continue;
      column_ = "$";
      column_ += Rf_translateCharUTF8(STRING_ELT(names, i));
      context_.inert.emplace_back(context_.current, column_);
      column = Rf_shallow_duplicate(column);
      SET_VECTOR_ELT(frame, i, column);
      with_class(column, {"AsIs"});
      break;
    }
  }
}

void PandasReader::set_labels(SEXP out, const Object& v) {
  const bool numbers =
      v.labels != Labels::text && context_.flags.index == plan::Index::attribute;
  SEXP symbol = v.has_rows() ? R_RowNamesSymbol
                : numbers    ? Rf_install("index")
                             : R_NamesSymbol;
  SEXP labels;
  if (numbers) {
    labels =
        PROTECT(Rf_allocVector(INTSXP, static_cast<R_xlen_t>(v.label_integers.size())));
    for (std::size_t i = 0; i < v.label_integers.size(); ++i) {
      INTEGER(labels)[i] = static_cast<int>(v.label_integers[i]);
    }
  } else {
    labels = PROTECT(label_texts(v));
    // 0, 1, 2 ... which says nothing
    if (labels == R_NilValue) symbol = R_NilValue;
  }
  if (symbol != R_NilValue) Rf_setAttrib(out, symbol, labels);
  UNPROTECT(1);
}

SEXP PandasReader::label_texts(const Object& v) {
  if (v.labels == Labels::text) return text_.strings(v.label_texts);
  const std::size_t n = v.label_integers.size();
  std::size_t counted = 0;
  while (counted < n && v.label_integers[counted] == static_cast<std::int64_t>(counted)) {
    ++counted;
  }
  if (counted == n) return R_NilValue;
  SEXP texts = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(n)));
  char text[24];
  for (std::size_t i = 0; i < n; ++i) {
    std::snprintf(text, sizeof text, "%lld", static_cast<long long>(v.label_integers[i]));
    SET_STRING_ELT(texts, static_cast<R_xlen_t>(i), Rf_mkChar(text));
  }
  UNPROTECT(1);
  return texts;
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
    case Type::date:
      return time(v);
    case Type::label:
      return Rf_ScalarString(r_text(v.text));
    case Type::foreign: {
      SEXP out = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(v.count)));
      for (R_xlen_t i = 0; i < Rf_xlength(out); ++i) SET_VECTOR_ELT(out, i, child(0));
      UNPROTECT(1);
      return out;
    }
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
  time.meaning = v.kind == Type::moment ? numpy::Meaning::datetime
                 : v.kind == Type::date ? numpy::Meaning::date
                                        : numpy::Meaning::difftime;
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

// V1, V2 ... for columns whose labels are an index without a counterpart.
SEXP PandasReader::numbered(std::uint64_t n) {
  context_.inert.emplace_back(context_.current, " (labels of columns)");
  SEXP names = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(n)));
  char name[24];
  for (std::uint64_t i = 0; i < n; ++i) {
    std::snprintf(name, sizeof name, "V%llu", static_cast<unsigned long long>(i + 1));
    SET_STRING_ELT(names, static_cast<R_xlen_t>(i), Rf_mkChar(name));
  }
  UNPROTECT(1);
  return names;
}

// Rows beyond what a data frame can have: a list of the columns.
SEXP PandasReader::frame(const plan::Plan& plan, const Object& v, SEXP values) {
  const std::uint64_t n = v.parts.size();
  SEXP out = PROTECT(children_of(context_.plans, plan, values, 0, n));
  SEXP names;
  if (v.columns == kNoId) {
    names = v.column_texts != kNoId ? text_.strings(v.column_texts) : numbered(n);
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
