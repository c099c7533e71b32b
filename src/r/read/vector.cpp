#include "r/read/vector.h"

#include <algorithm>
#include <cstring>

#include "core/numpy/datetime.h"
#include "core/numpy/items.h"
#include "core/pickle/integers.h"
#include "r/build.h"
#include "r/call.h"
#include "r/interrupt.h"
#include "r/text.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using plan::Simple;

namespace {

constexpr R_xlen_t kBetweenPolls = 4096;  // elements

// As bit64 has them: not through a double, which might be a NaN and quietened.
void set_integer64(double* to, std::int64_t v) { std::memcpy(to, &v, sizeof v); }

// Of a local time: see python_zoned() of R.
constexpr int kFields = 7;

SEXP times_in(Bytes zone, SEXP fields) {
  SEXP name = PROTECT(Rf_ScalarString(r_text(zone)));
  SEXP out = call_own("python_zoned", {fields, name});
  UNPROTECT(1);
  return out;
}

}  // namespace

SEXP VectorReader::empty(Simple type, R_xlen_t n) {
  switch (type) {
    case Simple::logical:
      return Rf_allocVector(LGLSXP, n);
    case Simple::integer:
      return Rf_allocVector(INTSXP, n);
    case Simple::complex:
      return Rf_allocVector(CPLXSXP, n);
    case Simple::character:
      return Rf_allocVector(STRSXP, n);
    default:
      return Rf_allocVector(REALSXP, n);
  }
}

// What most vectors are made of is plain values of their own type.

void VectorReader::set_strings(SEXP x, const plan::Plan& plan) {
  const Id in_metadata = context_.plans.details_of(plan).metadata.bytes;
  metadata::Positions bytes(context_.tree, in_metadata);
  R_xlen_t i = 0;
  for (Id item : items_) {
    const bool in_bytes =
        in_metadata != kNoId && bytes.has(static_cast<std::uint64_t>(i));
    if (SEXP known = in_bytes ? nullptr : text_.known(item)) {
      SET_STRING_ELT(x, i, known);
    } else if (!in_bytes && pickle::is_text_tag(context_.tree[item].tag)) {
      SET_STRING_ELT(x, i, text_.string(item));
    } else {
      set(x, i, Simple::character, item, in_bytes);
    }
    if (++i % kBetweenPolls == 0) poll_interrupt();
  }
}

void VectorReader::set_numbers(SEXP x, Simple type) {
  int* const ints = type == Simple::integer ? INTEGER(x) : nullptr;
  double* const reals = type == Simple::real ? REAL(x) : nullptr;
  R_xlen_t i = 0;
  for (Id item : items_) {
    if (ints && item >= pickle::kSmallInts) {
      ints[i] = static_cast<int>(pickle::Tree::small_int_of(item));
    } else {
      const Node node = context_.tree[item];
      if (reals && node.tag == Tag::real) {
        std::memcpy(&reals[i], &node.real, sizeof node.real);
      } else if (ints && plan::integer_type(node, false) == Simple::integer) {
        ints[i] = static_cast<int>(node.integer);
      } else {
        set(x, i, type, item, false);
      }
    }
    if (++i % kBetweenPolls == 0) poll_interrupt();
  }
}

// What is missing is NA, whichever of Python's it is; but NaN among numbers is one.
void VectorReader::set(SEXP x, R_xlen_t at, Simple type, Id item, bool bytes) {
  using plan::Scalar;
  const Scalar scalar = planner_.scalar(item);
  const bool missing = scalar.type == Simple::no;
  switch (type) {
    case Simple::logical:
      LOGICAL(x)[at] = scalar.kind == Scalar::logical ? scalar.integer != 0 : NA_LOGICAL;
      return;
    case Simple::integer:
      INTEGER(x)[at] = missing ? NA_INTEGER : static_cast<int>(scalar.integer);
      return;
    case Simple::integer64:
      set_integer64(REAL(x) + at, missing ? numpy::kNaInteger64 : scalar.integer);
      return;
    case Simple::character: {
      const bool text = scalar.kind == Scalar::text || scalar.kind == Scalar::bytes;
      SET_STRING_ELT(x, at, text ? text_.string(scalar.node, bytes) : NA_STRING);
      return;
    }
    case Simple::complex:
      COMPLEX(x)[at].r = scalar.kind == Scalar::complex ? scalar.number : NA_REAL;
      COMPLEX(x)[at].i = scalar.kind == Scalar::complex ? scalar.imaginary : NA_REAL;
      return;
    case Simple::real:
      REAL(x)
      [at] = missing                        ? NA_REAL
             : scalar.kind == Scalar::whole ? static_cast<double>(scalar.integer)
                                            : scalar.number;
      return;
    default: {
      const double v = scalar.type == type ? scalar.number : NA_REAL;
      const bool other = std::strcmp(scalar.units, units_) != 0;  // then in seconds
      REAL(x)
      [at] = ISNAN(v) ? NA_REAL : other ? v * numpy::seconds_per_unit(scalar.units) : v;
    }
  }
}

// With the class of its elements.
SEXP VectorReader::dressed(SEXP x, const plan::Plan& plan, Simple type) {
  using numpy::Meaning;
  const Meaning meaning = type == Simple::date       ? Meaning::date
                          : type == Simple::datetime ? Meaning::datetime
                          : type == Simple::difftime ? Meaning::difftime
                                                     : Meaning::plain;
  const numpy::RType r_type =
      type == Simple::integer64 ? numpy::RType::integer64 : numpy::RType::real;
  if (meaning == Meaning::plain && type != Simple::integer64) return x;
  const plan::Sequence& sequence = context_.plans.details_of(plan).sequence;
  zone_.assign(sequence.zone.text());
  PROTECT(x);
  set_meaning(x, r_type, meaning,
              meaning == Meaning::difftime ? sequence.units : zone_.c_str());
  UNPROTECT(1);
  return x;
}

SEXP VectorReader::vector(const plan::Plan& plan, Simple type) {
  return vector(plan, type, context_.plans.items_of(plan));
}

SEXP VectorReader::vector(const plan::Plan& plan, Simple type, Id list) {
  items_.clear();
  for (Id item : context_.tree.items(list)) items_.push_back(item);
  return vector_of_items(plan, type);
}

SEXP VectorReader::vector_of_items(const plan::Plan& plan, Simple type) {
  const plan::Details& details = context_.plans.details_of(plan);
  const R_xlen_t n = static_cast<R_xlen_t>(items_.size());
  if (details.sequence.zoned) return zoned(plan);
  units_ = details.sequence.units;
  SEXP out = PROTECT(empty(type, n));
  if (type == Simple::character) {
    set_strings(out, plan);
  } else {
    set_numbers(out, type);
  }
  dressed(out, plan, type);
  UNPROTECT(1);
  return out;
}

// Local times in a zone of the zone database: a column of fields each.
SEXP VectorReader::zoned(const plan::Plan& plan) {
  const auto n = static_cast<R_xlen_t>(items_.size());
  SEXP fields = PROTECT(Rf_allocVector(REALSXP, kFields * n));
  double* to = REAL(fields);
  for (Id item : items_) {
    const plan::Scalar scalar = planner_.scalar(item);
    const bool known = scalar.kind == plan::Scalar::zoned;
    for (int i = 0; i < kFields; ++i) *to++ = known ? scalar.fields[i] : NA_REAL;
  }
  SEXP out = times_in(context_.plans.details_of(plan).sequence.zone, fields);
  UNPROTECT(1);
  return out;
}

SEXP VectorReader::objects(const plan::Plan& plan) {
  const plan::Details& details = context_.plans.details_of(plan);
  const bool reversed = context_.flags.reversed && details.array->shape.size() > 1;
  if (reversed) turned_ = details.array->reversed();
  const numpy::Array& array = reversed ? turned_ : *details.array;
  in_order_.clear();
  for (Id item : context_.tree.items(details.items)) in_order_.push_back(item);
  items_.clear();
  for (std::uint64_t i = 0; i < array.count(); ++i) {
    // object_strides are in items, so an address is a position in the list
    items_.push_back(in_order_[reinterpret_cast<std::uintptr_t>(address(array, i)) -
                               reinterpret_cast<std::uintptr_t>(array.data)]);
  }
  SEXP out = PROTECT(vector_of_items(plan, plan.simple));
  if (array.shape.size() > 1) set_dim(out, array.shape);
  UNPROTECT(1);
  return out;
}

bool VectorReader::are_levels(const plan::Plan& plan, SEXP codes) {
  const pickle::Tree& tree = context_.tree;
  const Id items = context_.plans.items_of(plan);
  if (TYPEOF(codes) != INTSXP || Rf_isObject(codes) ||
      static_cast<std::uint64_t>(Rf_xlength(codes)) != tree[items].size) {
    return false;
  }
  const Id levels = metadata::attribute(
      tree, context_.plans.details_of(plan).metadata.attributes, "levels");
  levels_.clear();
  for (Id level : tree.items(levels)) levels_.push_back(level);
  if (tree[levels].tag != Tag::list) levels_.push_back(levels);
  R_xlen_t i = 0;
  for (Id item : tree.items(items)) {
    const int code = INTEGER_ELT(codes, i++);
    if (code == NA_INTEGER) {
      if (tree[item].tag != Tag::none) return false;
      continue;
    }
    if (code < 1 || static_cast<std::size_t>(code) > levels_.size()) return false;
    const Id level = levels_[static_cast<std::size_t>(code) - 1];
    if (level != item && (tree[level].tag != tree[item].tag ||
                          tree.text_of(level) != tree.text_of(item))) {
      return false;
    }
  }
  return true;
}

SEXP VectorReader::factor(const plan::Plan& plan, SEXP codes) {
  // Of its own: attributes will be set.
  if (are_levels(plan, codes)) return Rf_shallow_duplicate(codes);
  note_misfit();
  return vector(plan, Simple::character);
}

// -- Python's own classes ------------------------------------------------------------

// R takes as long for one local time as for hundreds: it is asked once for each zone,
// with all that are scalars there.
void VectorReader::find_moments() {
  for (const plan::Plan& plan : context_.plans.plans) {
    if (plan.form != plan::Form::python) continue;
    const python::Recognised& object = context_.plans.details_of(plan).python;
    if (object.kind == python::Recognised::zoned) zoned_.push_back(&object);
  }
  const auto by_zone = [](const python::Recognised* a, const python::Recognised* b) {
    return a->zone.text() < b->zone.text();
  };
  std::sort(zoned_.begin(), zoned_.end(), by_zone);
  for (std::size_t from = 0; from < zoned_.size();) {
    std::size_t to = from + 1;
    while (to < zoned_.size() && !by_zone(zoned_[from], zoned_[to])) ++to;
    SEXP fields =
        PROTECT(Rf_allocVector(REALSXP, static_cast<R_xlen_t>((to - from) * kFields)));
    for (std::size_t i = from; i < to; ++i) {
      std::copy_n(zoned_[i]->fields, kFields, REAL(fields) + (i - from) * kFields);
    }
    SEXP times = PROTECT(times_in(zoned_[from]->zone, fields));
    const bool known = TYPEOF(times) == REALSXP;
    for (std::size_t i = from; known && i < to; ++i) {
      moments_[zoned_[i]] = REAL_ELT(times, static_cast<R_xlen_t>(i - from));
    }
    UNPROTECT(2);
    from = to;
  }
}

SEXP VectorReader::moment(const python::Recognised& object) {
  if (zoned_.empty()) find_moments();
  const auto found = moments_.find(&object);
  if (found == moments_.end()) {  // in a zone that R does not know
    SEXP fields = PROTECT(Rf_allocVector(REALSXP, kFields));
    std::copy_n(object.fields, kFields, REAL(fields));
    SEXP out = times_in(object.zone, fields);
    UNPROTECT(1);
    return out;
  }
  SEXP out = PROTECT(Rf_ScalarReal(found->second));
  zone_.assign(object.zone.text());
  set_meaning(out, numpy::RType::real, numpy::Meaning::datetime, zone_.c_str());
  UNPROTECT(1);
  return out;
}

SEXP VectorReader::python(const python::Recognised& object) {
  using python::Recognised;
  if (object.kind == Recognised::range) {
    SEXP from = PROTECT(Rf_ScalarReal(object.start));
    SEXP by = PROTECT(Rf_ScalarReal(object.step));
    SEXP count = PROTECT(Rf_ScalarReal(object.count));
    SEXP out = call_own("python_range", {from, by, count});
    UNPROTECT(3);
    return out;
  }
  if (object.kind == Recognised::zoned) return moment(object);
  SEXP out;
  if (object.type == numpy::RType::complex) {
    out = PROTECT(Rf_allocVector(CPLXSXP, 1));
    COMPLEX(out)[0].r = object.number;
    COMPLEX(out)[0].i = object.imaginary;
  } else {
    out = PROTECT(Rf_ScalarReal(object.number));
  }
  zone_.assign(object.zone.text());
  set_meaning(out, object.type, object.meaning,
              object.meaning == numpy::Meaning::difftime ? "secs" : zone_.c_str());
  if (object.meaning == numpy::Meaning::difftime && !zone_.empty()) {
    Rf_setAttrib(out, Rf_install("tzone"), PROTECT(Rf_mkString(zone_.c_str())));
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return out;
}

}  // namespace mmappickle
