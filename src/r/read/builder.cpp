#include "r/read/builder.h"

#include <algorithm>
#include <cstdint>

#include "r/call.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/kept.h"
#include "r/read/attributes.h"
#include "r/read/list.h"
#include "r/read/read.h"
#include "r/read/time.h"
#include "r/text.h"
#include "r/view/entry_watch.h"

namespace mmappickle {

using plan::Form;
using plan::Number;

namespace {
constexpr std::size_t kBetweenPolls = 1024;  // values
}  // namespace

Builder::Builder(store::Loaded& loaded, std::shared_ptr<const Watch> watch,
                 const std::string& path, const std::string& key, const Flags& flags,
                 SEXP readers)
    : loaded_(loaded),
      flags_(flags),
      planner_(loaded.tree, options_),
      context_{loaded, loaded.tree, planner_.plans(), std::move(watch), path,
               key,    flags_},
      text_(context_, planner_),
      arrays_(context_, text_),
      objects_(context_, readers),
      vectors_(context_, planner_, text_, arrays_, objects_),
      pandas_(context_, text_, arrays_, vectors_) {}

void Builder::make_plans() {
  options_ = flags_.plan_options();
  options_.scalars.bit64 = has_bit64();
  options_.subject = [this] { return "The value" + of_key(context_.key) + " is"; };
  // What has no parts has no limits.
  if (!loaded_.is_array || loaded_.metadata != pickle::kNoId) {
    protect([&] {
      options_.limits = value_limits();
      return R_NilValue;
    });
  }
  planner_.run(loaded_.value, loaded_.metadata,
               loaded_.is_array ? &loaded_.array : nullptr);
  context_.metadata_fits = context_.plans.metadata_fits;
}

SEXP Builder::run(bool keep_mutable, std::unordered_map<SEXP, pickle::Id>* nodes) {
  const plan::Plans& plans = context_.plans;
  SEXP texts = PROTECT(Rf_allocVector(VECSXP, TextReader::kKept));
  text_.keep_in(texts);
  SEXP values =
      PROTECT(Rf_allocVector(VECSXP, static_cast<R_xlen_t>(plans.plans.size())));
  context_.nodes = nodes;
  std::size_t built = 0;
  for (const Number number : plans.order) {
    context_.current = number;
    const plan::Plan& plan = plans.plans[number];
    if ((built += 1 + plan.count) >= kBetweenPolls) {
      poll_interrupt();
      built = 0;
    }
    SEXP value = build(plan, values);
    SET_VECTOR_ELT(values, number, value);
    if (view_of(value) && !(keep_mutable && number == 0)) seal(value);
    if (nodes)
      nodes->emplace(value, is_node(plan, value) ? plan.referred : pickle::kNoId);
  }
  SEXP out = PROTECT(VECTOR_ELT(values, 0));
  // Each value is referred to by what it is a part of alone: R may change it in place.
  for (R_xlen_t i = 0; i < Rf_xlength(values); ++i) {
    SET_VECTOR_ELT(values, i, R_NilValue);
  }
  text_.forget_names();
  context_.nodes = nullptr;
  UNPROTECT(3);
  return out;
}

SEXP Builder::build(const plan::Plan& plan, SEXP values) {
  const bool bare = plan.details == plan::kNone && !plan.kept;
  const bool is_list = plan.form == Form::list || plan.form == Form::named;
  SEXP value = natural(plan, values);
  // Nothing more to say of it.
  if (bare && (is_list || (plan.form == Form::scalar && TYPEOF(value) != VECSXP))) {
    return value;
  }
  if (is_kept(plan, value)) {
    PROTECT(value);
    if (plan.sequence) {
      value = keep_sequence_kind(value, plan.sequence, PROTECT(floats_of(plan)));
      UNPROTECT(1);
    } else if (TYPEOF(value) == VECSXP) {  // a data frame: its names keep it
      SEXP names = PROTECT(Rf_getAttrib(value, R_NamesSymbol));
      Rf_setAttrib(value, R_NamesSymbol, PROTECT(objects_.keep(plan, names)));
      UNPROTECT(2);
    } else {
      value = objects_.keep(plan, value);
    }
    UNPROTECT(1);
  }
  if (plan.count == 0 && TYPEOF(value) != VECSXP) return value;  // nothing more to say
  PROTECT_INDEX at;
  PROTECT_WITH_INDEX(value, &at);
  if (plan.form != Form::cycle) {
    objects_.add_pickle(plan, value);
    REPROTECT(value = with_attributes(context_, plan, values, value), at);
    if (plan.count > plan.own && Rf_isObject(value) && Rf_inherits(value, "data.table")) {
      REPROTECT(value = with_own_selfref(value), at);
    }
    value = objects_.call_reader(value);
  }
  UNPROTECT(1);
  return value;
}

namespace {

bool are_views(SEXP columns) {
  for (R_xlen_t i = 0; i < Rf_xlength(columns); ++i) {
    SEXP column = VECTOR_ELT(columns, i);
    if (TYPEOF(column) == VECSXP ? !are_views(column) : !view_of(column)) return false;
  }
  return true;
}

}  // namespace

// Whether R's plain rules would store the value as something else. (A view is what it
// shows; what R metadata say, R wrote.)
bool Builder::is_kept(const plan::Plan& plan, SEXP value) const {
  const plan::Details& details = context_.plans.details_of(plan);
  const bool lies_somewhere = plan.node != pickle::kNoId || context_.loaded.is_array;
  if (view_of(value) || !lies_somewhere || plan.count != plan.own ||
      details.metadata.type.size != 0 || details.metadata.bytes != pickle::kNoId) {
    return false;
  }
  if (plan.form != Form::array) return plan.kept;
  const numpy::Array& array = *details.array;
  if (TYPEOF(value) == VECSXP) {
    if (array.dtype.kind != numpy::Kind::structured) return false;
    return !are_views(value);  // else these tell
  }
  numpy::Target target;
  if (array.masked || !target_of(array.dtype, flags_.choice(), target))
    return array.masked;
  return !(array.dtype == numpy::natural_dtype(target.type, target.meaning)) ||
         array.shape.empty() || !array.c_order() || !array.subclass.empty();
}

// The node says all of it. (What a reader has made of an object shows nothing of the
// bytes that it once had.)
bool Builder::is_node(const plan::Plan& plan, SEXP value) const {
  metadata::Members members = context_.plans.details_of(plan).metadata;
  if (Rf_isS4(value) && members.attributes != pickle::kNoId &&
      context_.tree[members.attributes].size == 1 &&
      metadata::attribute(context_.tree, members.attributes, "pickle") != pickle::kNoId) {
    members.attributes = pickle::kNoId;
  }
  return !members.any();
}

// Where the kind does not tell which items are floats: see keep_sequence_kind().
SEXP Builder::floats_of(const plan::Plan& plan) const {
  if (!plan.sequence.floats()) return R_NilValue;
  const pickle::Id items = context_.plans.items_of(plan);
  const std::uint64_t n = context_.tree[items].size;
  SEXP out = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(1 + (n + 7) / 8));
  std::uint8_t* bits = RAW(out);
  std::fill_n(bits, XLENGTH(out), std::uint8_t{0});
  *bits++ = plan.sequence.bits;
  std::uint64_t i = 0;
  for (pickle::Id item : context_.tree.items(items)) {
    if (context_.tree[item].tag == pickle::Tag::real) {
      bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1u << (i % 8));
    }
    ++i;
  }
  return out;
}

// R metadata's value.
SEXP Builder::own_value(const plan::Plan& plan, SEXP values) const {
  const metadata::Members& members = context_.plans.details_of(plan).metadata;
  if (members.value == pickle::kNoId) return R_NilValue;
  return VECTOR_ELT(values, context_.plans.child(plan, plan.own));
}

SEXP Builder::natural(const plan::Plan& plan, SEXP values) {
  const plan::Details& details = context_.plans.details_of(plan);
  SEXP special = nullptr;
  switch (plan.form) {
    case Form::scalar:
      if (plan.details != plan::kNone) {
        special = time_scalar(context_, vectors_, plan, own_value(plan, values));
      }
      return special ? special : vectors_.scalar(plan);
    case Form::vector:
      return vectors_.vector(plan, plan.simple);
    case Form::factor:
      return vectors_.factor(plan, own_value(plan, values));
    case Form::python:
      special = time_scalar(context_, vectors_, plan, own_value(plan, values));
      return special ? special : vectors_.python(details.python);
    case Form::array:
      special = time_array(context_, arrays_, plan, own_value(plan, values));
      return special ? special : arrays_.array(*details.array, details.metadata.type);
    case Form::objects:
      return plan.simple == plan::Simple::no ? arrays_.objects(plan, values)
                                             : vectors_.objects(plan);
    case Form::list:
      return list_of(context_, vectors_, plan, values);
    case Form::named:
    case Form::pairs:
      return named_list(context_, vectors_, text_, plan, values);
    case Form::dict:
      return python_dict(context_, plan, values);
    case Form::object:
      return objects_.object(plan, values);
    case Form::pandas:
      return pandas_.value(plan, values);
    case Form::cycle:
      return inert_object("cycle", "cycle", R_NilValue);
  }
  return R_NilValue;
}

void Builder::warn(Warnings& warnings) const {
  bool said = false;
  for (const Warning& w : warnings) said = said || w.kind == WarningKind::metadata;
  if (!context_.metadata_fits && !said) {
    warnings.push_back({WarningKind::metadata,
                        "The R metadata" + of_key(context_.key) +
                            " does not fit its value and is ignored in part: the value "
                            "was changed without it."});
  }
  if (context_.escaped) warnings.push_back(escaped(context_.key));
  if (!context_.rounded.empty()) {
    warnings.push_back(rounded(context_.key, context_.path, places_of(context_.rounded)));
  }
  std::vector<std::pair<Number, std::string>> decimals;
  for (Number i = 0; i < context_.plans.plans.size(); ++i) {
    const auto* value = context_.plans.details_of(context_.plans.plans[i]).pandas;
    if (value && value->rounded) decimals.emplace_back(i, "");
  }
  if (!decimals.empty()) {
    warnings.push_back(
        rounded_decimals(context_.key, context_.path, places_of(decimals)));
  }
  if (!context_.inert.empty()) {
    warnings.push_back(inert(context_.key, context_.path, places_of(context_.inert)));
  }
}

// "`$a`, `$b$c` and others"
std::string Builder::places_of(
    const std::vector<std::pair<Number, std::string>>& values) const {
  constexpr std::size_t kMost = 5;
  std::string places;
  for (std::size_t i = 0; i < values.size() && i < kMost; ++i) {
    const auto& [plan, fields] = values[i];
    const std::string place = place_of(context_.plans, context_.tree, plan) + fields;
    if (!place.empty()) places += (places.empty() ? "`" : ", `") + place + "`";
  }
  return values.size() > kMost ? places + " and others" : places;
}

// -- what other rooms call ------------------------------------------------------------

namespace {

// Of what has no parts and nothing else to be said of: it takes no plan.
SEXP plain_value(const pickle::Tree& tree, pickle::Id id) {
  const pickle::Node node = tree[id];
  const bool is_text = pickle::is_text_tag(node.tag);
  return is_text ? Rf_ScalarString(r_text(tree.bytes_of(id))) : plain_number(node);
}

// The same of an entry's array: all that its plan would say is that it is one.
bool is_plain_array(const store::Loaded& loaded, const Watch* watch, const Flags& flags) {
  numpy::Target target;
  return loaded.is_array && loaded.metadata == pickle::kNoId && watch != nullptr &&
         watch->entry() != nullptr &&
         target_of(loaded.array.dtype, flags.choice(), target) &&
         target.meaning == numpy::Meaning::plain;
}

}  // namespace

SEXP decode(store::Loaded& loaded, std::shared_ptr<const Watch> watch,
            const std::string& path, const std::string& key, const Flags& flags,
            SEXP readers, Warnings& warnings, bool keep_mutable) {
  if (!loaded.is_array && loaded.metadata == pickle::kNoId &&
      plan::is_plain(loaded.tree, loaded.value)) {
    return protect([&] { return plain_value(loaded.tree, loaded.value); });
  }
  const bool plain_array = is_plain_array(loaded, watch.get(), flags);
  Builder builder(loaded, std::move(watch), path, key, flags, readers);
  if (!plain_array) builder.make_plans();
  SEXP value = protect([&] {
    if (!plain_array) return builder.run(keep_mutable, nullptr);
    SEXP x = builder.elements(loaded.array);
    if (!keep_mutable && view_of(x)) seal(x);
    return x;
  });
  builder.warn(warnings);
  return value;
}

SEXP decode(store::Loaded& loaded, const std::string& path, const std::string& key,
            const Flags& flags, SEXP readers, Warnings& warnings, bool keep_mutable) {
  return decode(loaded, EntryWatch::of(loaded), path, key, flags, readers, warnings,
                keep_mutable);
}

SEXP decode_elements(const numpy::Array& array, const std::string& path,
                     const std::string& key, const Flags& flags, Warnings& warnings) {
  store::Loaded none;
  Builder builder(none, nullptr, path, key, flags, R_NilValue);
  SEXP value = protect([&] { return builder.elements(array); });
  builder.warn(warnings);
  return value;
}

}  // namespace mmappickle
