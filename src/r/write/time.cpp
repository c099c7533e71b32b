#include "r/write/time.h"

#include <cmath>

#include "core/numpy/items.h"
#include "core/numpy/time_values.h"
#include "core/python/classes.h"
#include "core/python/new_datetime.h"
#include "r/call.h"
#include "r/values.h"
#include "r/write/array.h"
#include "r/write/attributes.h"
#include "r/write/view.h"

namespace mmappickle::write {

using numpy::Meaning;
using numpy::same_bits;

namespace {

numpy::RValues numbers_of(SEXP x) {
  std::vector<Bytes> no_strings;
  Stable<std::string> no_texts;
  return r_values(x, no_strings, no_texts);
}

}  // namespace

std::vector<const char*> time_attributes(Meaning meaning) {
  switch (meaning) {
    case Meaning::date:
      return {"class"};
    case Meaning::datetime:
      return {"class", "tzone"};
    case Meaning::difftime:
      return {"class", "units"};
    default:
      return {};
  }
}

bool has_class_of(SEXP attributes, Meaning meaning, const char* units) {
  for (const char* name : {"class", "tzone", "units"}) {
    if (!has_no_attributes(get_attribute(attributes, name))) return false;
  }
  SEXP classes = get_attribute(attributes, "class");
  switch (meaning) {
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

bool has_default_class(SEXP x, SEXP attributes, Meaning meaning) {
  const View* view = whole_view(x);
  if (!view && TYPEOF(x) != REALSXP) return false;
  const char* units = "secs";
  if (view && view->array.dtype.kind == numpy::Kind::timedelta) {
    numpy::Target target;
    target_of(view->array.dtype, numpy::Choice(), target);
    units = target.units;
  }
  return has_class_of(attributes, meaning, units);
}

bool fits_time(SEXP x, Meaning meaning, bool column) {
  const numpy::RValues values = numbers_of(x);
  if (!have_ticks(values)) return false;
  if (meaning != Meaning::date || column || values.count != 1) return true;
  const double days = number_at(values, 0);  // datetime.date's
  return std::isnan(days) || python::is_date(days);
}

Encoded encode_times(Context& context, SEXP x, Meaning meaning) {
  const numpy::Layout layout = context.layout(context.flags.fortran);
  numpy::RValues values = numbers_of(x);
  const bool exact = are_exact(values);
  if (!exact && meaning == Meaning::date) {  // R shows the day on which it falls
    values.type = numpy::RType::real;
    values.data = context.memory.doubles.emplace_back(whole_days(values)).data();
  }
  numpy::Elements elements;
  elements.dtype = numpy::natural_dtype(numpy::RType::real, meaning);
  elements.dims = dims_of(x);
  elements.data =
      array_source(elements.dtype, elements.dims, layout.in_r_order(), values);
  Encoded out = add_array(context, new_array(std::move(elements), layout));
  if (!exact) {
    Encoding encoding;
    encoding.maskable = false;
    encoding.unclassed = true;
    const numpy::Dtype real = numpy::natural_dtype(numpy::RType::real);
    out.r_value = encode_array(context, x, real, layout.fortran, encoding).value;
  }
  return out;
}

Encoded encode_time(Context& context, SEXP x, Meaning meaning) {
  pickle::Tree& tree = context.tree;
  const numpy::RValues values = numbers_of(x);
  const double v = number_at(values, 0), units = values.seconds_per_unit;
  Encoded out;
  if (std::isnan(v)) {
    out.value = tree.none();
    if (!same_bits(v, numpy::na_real())) out.r_value = tree.real(v);
    return out;
  }
  double offset = 0;
  if (meaning == Meaning::datetime) {
    offset = Rf_asReal(protect([&] { return call_own("utc_offset", {x}); }));
  }
  out.value = meaning == Meaning::date       ? python::new_date(tree, v)
              : meaning == Meaning::difftime ? python::new_timedelta(tree, v * units)
                                             : python::new_datetime(tree, v, offset);
  // What the reader makes of it.
  numpy::Recogniser recogniser(tree);
  const double seconds = python::Recogniser(tree, recogniser).recognise(out.value).number;
  if (!same_bits(seconds / units, v)) out.r_value = tree.real(v);
  return out;
}

}  // namespace mmappickle::write
