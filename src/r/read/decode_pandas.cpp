// pandas' objects in R. What they are, core/pandas says; R/pandas.R puts together what
// R's own functions make best.
#include "r/read/decode_known.h"
namespace mmappickle {

using pandas::Kind;
using pandas::Labels;
using pandas::Value;
using pickle::Id;
using pickle::kNoId;

bool Decoder::classify_pandas(Plan& plan) {
  plan.pandas = pandas_.recognise(plan.id);
  if (!plan.pandas) return false;
  plan.form = Form::pandas;
  return true;
}

bool Decoder::as_list(const Value& v) const {
  return v.kind == Kind::objects ||
         (v.kind == Kind::strings && !v.always_text && !flags_.simplify);
}

// Parts first, then the index, the names, attrs: those that there are.
void Decoder::add_parts(const Plan& plan) {
  const Value& v = *plan.pandas;
  if (as_list(v)) {
    for (Id item : tree_.items(v.list)) children_.push_back({item, kNoId});
  }
  for (Id part : v.parts) children_.push_back({part, kNoId});
  if (v.names != kNoId) children_.push_back({v.names, kAsList});
  for (Id id : {v.columns, v.index, v.name, v.index_name, v.attributes}) {
    if (id != kNoId) children_.push_back({id, kNoId});
  }
}

SEXP Decoder::string_item(Id id) {
  return pandas_.is_missing(id) ? NA_STRING : text_item(id);
}

SEXP Decoder::strings(Id list) {
  SEXP out = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(tree_[list].size)));
  R_xlen_t i = 0;
  for (Id id : tree_.items(list)) SET_STRING_ELT(out, i++, string_item(id));
  UNPROTECT(1);
  return out;
}

SEXP Decoder::pandas_value(const Plan& plan, SEXP box) {
  const Value& v = *plan.pandas;
  PROTECT_INDEX at;
  SEXP out;
  PROTECT_WITH_INDEX(out = R_NilValue, &at);
  const bool list = as_list(v);
  REPROTECT(out = v.kind == Kind::frame    ? data_frame(v, box)
                  : v.kind == Kind::levels ? multi_index(v, box)
                  : list                   ? first_of(box, v.count)
                                           : pandas_vector(v, box),
            at);
  // In the order of add_parts().
  R_xlen_t next = static_cast<R_xlen_t>((list ? v.count : 0) + v.parts.size());
  if (v.names != kNoId) ++next;
  if (v.columns != kNoId) ++next;
  const auto attribute = [&](Id id, const char* name) {
    if (id != kNoId) Rf_setAttrib(out, Rf_install(name), VECTOR_ELT(box, next++));
  };
  const auto labels = [&](SEXP labels, SEXP as) {
    Rf_setAttrib(out, as, PROTECT(labels));
    UNPROTECT(1);
  };
  if (v.labels == Labels::text) {
    labels(strings(v.label_texts), v.series ? R_NamesSymbol : R_RowNamesSymbol);
  } else if (v.labels == Labels::integers) {
    SEXP integers =
        Rf_allocVector(INTSXP, static_cast<R_xlen_t>(v.label_integers.size()));
    std::copy(v.label_integers.begin(), v.label_integers.end(), INTEGER(integers));
    labels(integers, v.series ? Rf_install("index") : R_RowNamesSymbol);
  }
  attribute(v.index, "index");
  attribute(v.name, v.series ? "name_of_series" : "name_of_index");
  attribute(v.index_name, "name_of_index");
  attribute(v.attributes, "attrs");
  UNPROTECT(1);
  return out;
}

SEXP Decoder::first_of(SEXP box, std::uint64_t count) {
  Plan plan;
  plan.own = count;
  return items_of(plan, box);
}

SEXP Decoder::pandas_vector(const Value& v, SEXP box) {
  Known k;
  switch (v.kind) {
    case Kind::vector: {
      SEXP out = PROTECT(array(v.array, Bytes()));
      if (v.text.size && Rf_inherits(out, "POSIXct")) {
        Rf_setAttrib(out, Rf_install("tzone"), PROTECT(Rf_ScalarString(r_text(v.text))));
        UNPROTECT(1);
      }
      UNPROTECT(1);
      return out;
    }
    case Kind::strings:
      return strings(v.list);
    case Kind::range:
      k.kind = Known::range;
      k.start = static_cast<double>(v.start);
      k.step = static_cast<double>(v.step);
      k.count = static_cast<double>(v.count);
      return known(k);
    case Kind::moment:
    case Kind::duration:
      k.kind = Known::scalar;
      k.meaning =
          v.kind == Kind::moment ? numpy::Meaning::datetime : numpy::Meaning::difftime;
      k.number = v.number;
      k.zone = v.text;
      return known(k);
    case Kind::factor: {
      SEXP codes = PROTECT(copied_codes(v.array));
      SEXP ordered = PROTECT(Rf_ScalarLogical(v.ordered));
      SEXP out = call_own("pandas_factor", {codes, VECTOR_ELT(box, 0), ordered});
      UNPROTECT(2);
      return out;
    }
    case Kind::intervals: {
      SEXP closed = PROTECT(Rf_ScalarString(r_text(v.text)));
      SEXP out =
          call_own("pandas_intervals", {VECTOR_ELT(box, 0), VECTOR_ELT(box, 1), closed});
      UNPROTECT(1);
      return out;
    }
    default:
      return Rf_ScalarLogical(NA_LOGICAL);
  }
}

SEXP Decoder::copied_codes(const numpy::Array& codes) {
  numpy::Target integer;
  integer.type = numpy::RType::integer;
  return copied_array(codes, integer, true);
}

SEXP Decoder::multi_index(const Value& v, SEXP box) {
  SEXP codes = PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(v.codes.size())));
  R_xlen_t i = 0;
  for (const numpy::Array& array : v.codes) {
    SET_VECTOR_ELT(codes, i++, copied_codes(array));
  }
  SEXP levels = PROTECT(first_of(box, v.parts.size()));
  SEXP out = call_own("pandas_levels", {levels, codes, VECTOR_ELT(box, i)});
  UNPROTECT(2);
  return out;
}

// Rows beyond what a data frame can have: a list of the columns.
SEXP Decoder::data_frame(const Value& v, SEXP box) {
  const std::uint64_t n = v.parts.size();
  SEXP out = PROTECT(first_of(box, n));
  SEXP names;
  if (v.columns == kNoId) {
    names = strings(v.column_texts);
  } else {
    names = call_own("pandas_text", {VECTOR_ELT(box, static_cast<R_xlen_t>(n))});
  }
  Rf_setAttrib(out, R_NamesSymbol, PROTECT(names));
  make_data_frame(out, v.count);
  UNPROTECT(2);
  return out;
}

}  // namespace mmappickle
