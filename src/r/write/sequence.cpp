#include "r/write/sequence.h"

#include <cmath>
#include <cstring>

#include "core/numpy/datetime.h"
#include "core/numpy/values.h"
#include "core/plan/scalars.h"
#include "core/python/new_datetime.h"
#include "r/call.h"
#include "r/text.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/view/view.h"
#include "r/write/nested.h"
#include "r/write/text.h"
#include "r/write/vector.h"

namespace mmappickle::write {

using numpy::Meaning;
using numpy::same_bits;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using plan::Scalar;

namespace {

// Which sequences are read as a vector of x's type and class.
plan::Simple type_of(SEXP x, Meaning meaning) {
  switch (meaning) {
    case Meaning::date:
      return plan::Simple::date;
    case Meaning::datetime:
      return plan::Simple::datetime;
    case Meaning::difftime:
      return plan::Simple::difftime;
    default:
      return TYPEOF(x) == CPLXSXP ? plan::Simple::complex : simple_type(x);
  }
}

class SequenceItems {
 public:
  SequenceItems(Context& context, SEXP x)
      : context_(context),
        x_(x),
        meaning_(meaning_of(x)),
        type_(type_of(x, meaning_)),
        units_(meaning_ == Meaning::difftime ? seconds_per_unit(x) : 1),
        numpy_(context.tree),
        python_(context.tree, numpy_),
        pandas_(context.tree, numpy_),
        scalars_(context.tree, numpy_, python_, pandas_),
        options_(context.flags.plan_options().scalars) {
    options_.bit64 = has_bit64();
  }

  bool any() const { return type_ != plan::Simple::no; }

  // `before`, the item that was there, if it is read as the element; kNoId: Python has no
  // such value.
  Id item(R_xlen_t i, Id before) {
    if (before != kNoId && is_read_as(before, i)) return before;
    pickle::Tree& tree = context_.tree;
    if (type_ == plan::Simple::complex) {
      const Id parts = tree.container(
          Tag::tuple, {tree.real(number(2 * i)), tree.real(number(2 * i + 1))});
      return tree.object(pickle::How::call, tree.global("builtins", "complex"), parts);
    }
    if (meaning_ == Meaning::plain) return element(context_, x_, i, {});
    const double v = number(i);
    if (std::isnan(v)) return tree.none();
    Id id = kNoId;
    if (meaning_ == Meaning::difftime) {
      id = python::new_timedelta(tree, v * units_);
    } else if (meaning_ == Meaning::datetime) {
      id = is_naive_ ? python::new_naive_datetime(tree, v)
                     : python::new_datetime(tree, v, 0);
    } else if (python::is_date(v)) {
      id = python::new_date(tree, v);
    }
    return id != kNoId && is_read_as(id, i) ? id : kNoId;  // of fractions it has not
  }

  // A vector of x's type, zone and units.
  bool are_of(Id sequence) {
    const plan::Sequence read = plan::simplified(scalars_, sequence, options_, false);
    if (read.type != type_) return false;  // all NA, or ints where doubles were
    return meaning_ == Meaning::plain || (read.zone.size == 0 && !read.zoned &&
                                          numpy::seconds_per_unit(read.units) == units_);
  }

 private:
  double number(R_xlen_t i) const {
    double v;  // by its bits
    std::memcpy(&v, static_cast<const double*>(read_pointer(x_)) + i, sizeof v);
    return v;
  }

  bool is_read_as(Id item, R_xlen_t i) {
    const Scalar was = scalars_.of(item, options_);
    const bool missing = was.kind == Scalar::missing;
    if (was.kind == Scalar::naive) is_naive_ = true;
    switch (TYPEOF(x_)) {
      case LGLSXP:
      case INTSXP: {
        const int v = integer_elt(x_, i);
        const auto kind = TYPEOF(x_) == LGLSXP ? Scalar::logical : Scalar::whole;
        return v == NA_INTEGER ? missing : was.kind == kind && was.integer == v;
      }
      case STRSXP: {
        SEXP text = string_elt(x_, i);
        if (text == NA_STRING || missing) return text == NA_STRING && missing;
        const bool is_text = was.kind == Scalar::text || was.kind == Scalar::bytes;
        return is_text && context_.tree.text_of(was.node) == utf8_of(text);
      }
      case CPLXSXP:
        return was.kind == Scalar::complex && same_bits(was.number, number(2 * i)) &&
               same_bits(was.imaginary, number(2 * i + 1));
      default:
        break;
    }
    const double v = number(i);
    if (missing) return ISNA(v);
    if (was.kind == Scalar::whole) return static_cast<double>(was.integer) == v;
    const double unit =
        was.kind == Scalar::duration ? numpy::seconds_per_unit(was.units) : 1;
    return was.kind != Scalar::none &&
           (unit == units_ ? same_bits(was.number, v)
                           : same_bits(was.number * unit / units_, v));
  }

  Context& context_;
  SEXP x_;
  Meaning meaning_;
  plan::Simple type_;
  double units_;           // seconds
  bool is_naive_ = false;  // the moments so far
  numpy::Recogniser numpy_;
  python::Recogniser python_;
  pandas::Recogniser pandas_;
  plan::Scalars scalars_;
  plan::ScalarOptions options_;
};

}  // namespace

bool keep_sequence(Context& context, SEXP x, Id origin, Encoded& out) {
  if (!context.flags.simplify) return false;  // a sequence is read as a list
  SequenceItems sequence(context, x);
  if (Rf_xlength(x) == 0 || !sequence.any() || view_of(x)) return false;
  if (TYPEOF(x) == STRSXP && byte_positions(context, x) != kNoId) return false;
  pickle::Tree& tree = context.tree;
  std::vector<Id> before, items;
  for (Id item : tree.items(origin)) before.push_back(item);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    const auto at = static_cast<std::size_t>(i);
    items.push_back(sequence.item(i, at < before.size() ? before[at] : kNoId));
    if (items.back() == kNoId) return false;
  }
  const Id node = tree.container(tree[origin].tag, items);
  if (!sequence.are_of(node)) return false;
  out = Encoded();
  out.value = node;
  return true;
}

}  // namespace mmappickle::write
