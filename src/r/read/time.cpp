#include "r/read/time.h"

#include <cmath>

#include "core/numpy/datetime.h"
#include "core/numpy/items.h"
#include "r/build.h"

namespace mmappickle {

using numpy::Meaning;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

// Seconds a unit of what R is to hold: by the attribute "units", where class and units
// are the attributes'.
double seconds_a_unit(const pickle::Tree& tree, const metadata::Members& members,
                      const char* natural) {
  Id units =
      members.type.size ? metadata::attribute(tree, members.attributes, "units") : kNoId;
  // With attributes of its own it is a vector of one text.
  if (units != kNoId && tree[units].tag == Tag::list) units = tree.item(units, 0);
  if (units == kNoId || tree[units].tag != Tag::text) {
    return numpy::seconds_per_unit(natural);
  }
  return numpy::seconds_per_unit(tree.text_of(units));
}

int as_integer(double v) {
  return ISNAN(v) || std::fabs(v) > INT32_MAX ? NA_INTEGER : static_cast<int>(v);
}

// R's own bits, as long as they are what Python's value was made from: it may have been
// changed in place.
bool is_still(const numpy::TimeScale& scale, double own, double shown, double to,
              double from) {
  std::int64_t ticks = numpy::kNaT;
  if (!ISNAN(own)) {
    const bool date = scale.target().meaning == Meaning::date;
    scale.ticks(date ? std::floor(own) : own * to / from, ticks);
  }
  return numpy::same_bits(scale.value(ticks), shown);
}

}  // namespace

SEXP time_array(ReadContext& context, ArrayReader& arrays, const plan::Plan& plan,
                SEXP own) {
  const plan::Details& details = context.plans.details_of(plan);
  const numpy::Array& array = *details.array;
  if (array.dtype.kind != numpy::Kind::datetime &&
      array.dtype.kind != numpy::Kind::timedelta) {
    return nullptr;
  }
  const bool bare = details.metadata.type.size != 0;
  const bool integer = details.metadata.type.text() == "integer";
  const numpy::TimeScale scale(array.dtype);
  const numpy::Target& target = scale.target();
  const bool difference = target.meaning == Meaning::difftime;
  const double from = difference ? numpy::seconds_per_unit(target.units) : 1;
  const double to =
      difference ? seconds_a_unit(context.tree, details.metadata, target.units) : 1;
  SEXP view = PROTECT(arrays.plain(array, context.flags.choice(), View::Of::array, bare));
  const R_xlen_t n = Rf_xlength(view);
  if (own != R_NilValue && (TYPEOF(own) != REALSXP || Rf_xlength(own) != n || integer)) {
    context.metadata_fits = false;
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
    if (own != R_NilValue && is_still(scale, REAL_ELT(own, i), shown, to, from)) {
      v = REAL_ELT(own, i);
    }
    if (integer) {
      INTEGER(out)[i] = as_integer(v);
    } else {
      REAL(out)[i] = v;
    }
  }
  SEXP dim = Rf_getAttrib(view, R_DimSymbol);
  if (dim != R_NilValue) Rf_setAttrib(out, R_DimSymbol, dim);
  if (!bare) set_meaning(out, target.type, target.meaning, target.units);
  UNPROTECT(2);
  return out;
}

SEXP time_scalar(ReadContext& context, VectorReader& vectors, const plan::Plan& plan,
                 SEXP own) {
  const plan::Details& details = context.plans.details_of(plan);
  const std::string_view type = details.metadata.type.text();
  const bool bare = !type.empty();
  const bool integer = type == "integer";
  if (bare && !integer && type != "double") return nullptr;
  if (own != R_NilValue &&
      (TYPEOF(own) != REALSXP || Rf_xlength(own) != 1 || Rf_isObject(own))) {
    context.metadata_fits = false;
    own = R_NilValue;
  }
  if (plan.form != plan::Form::python) {  // None: an NA of whatever bits
    const bool none = context.tree[plan.node].tag == Tag::none;
    return none && own != R_NilValue ? Rf_ScalarReal(REAL_ELT(own, 0)) : nullptr;
  }
  const python::Recognised& object = details.python;
  if (object.kind != python::Recognised::scalar || object.meaning == Meaning::plain) {
    return nullptr;
  }
  double v = object.number;
  if (object.meaning == Meaning::difftime) {
    v /= seconds_a_unit(context.tree, details.metadata, "secs");
  }
  if (own != R_NilValue) v = REAL_ELT(own, 0);
  if (integer) return Rf_ScalarInteger(as_integer(v));
  SEXP out = PROTECT(bare ? Rf_ScalarReal(v) : vectors.python(object));
  if (!bare) REAL(out)[0] = v;
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
