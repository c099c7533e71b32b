#include "r/write/walk.h"

#include "r/call.h"
#include "r/interrupt.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/write/attributes.h"
#include "r/write/dict.h"
#include "r/write/kept.h"
#include "r/write/list.h"
#include "r/write/ndarray.h"
#include "r/write/nested.h"
#include "r/write/python_buffer.h"
#include "r/write/text.h"
#include "r/write/vector.h"
#include "r/write/write.h"

namespace mmappickle {

numpy::StoredValue encode(SEXP x, const Flags& flags, Warnings& warnings,
                          const Called& called, Origin* origin) {
  return write::Walk(flags, warnings, called, origin).run(x);
}

}  // namespace mmappickle

namespace mmappickle::write {

using pickle::Extent;
using pickle::Id;
using pickle::kNoId;

void Walk::require_extent(std::size_t around, const Extent& extent) const {
  const pickle::Beyond found =
      beyond(limits_, static_cast<double>(around), extent, opened_);
  if (found != pickle::Beyond::nothing) {
    refuse_extent(found, limits_, "Cannot store " + path() + ": it is");
  }
}

// -- the walk -------------------------------------------------------------------------

const Part* Walk::Step::next() const {
  if (items.size() < plan.items.size()) return &plan.items[items.size()];
  if (attributes.size() < plan.attributes.size()) {
    return &plan.attributes[attributes.size()];
  }
  return nullptr;
}

void Walk::Step::take(const Encoded& part) {
  (items.size() < plan.items.size() ? items : attributes).push_back(part);
}

numpy::StoredValue Walk::run(SEXP x) {
  Encoded value;
  if (!origin_ && encode_plain_scalar(context_, x, value)) {
    context_.stored_value.value = value.value;
    return context_.finish();
  }
  protect([&] {
    limits_ = value_limits();
    return R_NilValue;
  });
  Part root{x};
  if (origin_) {
    begin_nested(context_, *origin_);
    former_.emplace(context_, *origin_);
    root.origin = former_->root();
  }
  bool done = advance(root, value);
  while (!done || !steps_.empty()) {
    if (done) {
      Step& top = steps_.back();
      top.take(value);
      top.extent.add(last_);
      require_extent(steps_.size() - 1, top.extent);
    }
    done = advance(root, value);
  }
  require_extent(0, last_);
  context_.stored_value.value = value.value;
  context_.stored_value.metadata = value.metadata;
  if (origin_) finish_nested(context_, *origin_);
  finish_pickled(context_);
  return context_.finish();
}

// True: `out` is what the value became, or an attribute that was left out.
bool Walk::advance(const Part& root, Encoded& out) {
  try {
    if (steps_.empty()) return open(root, out);
    if (const Part* next = steps_.back().next()) {
      const Part part = *next;
      const bool done = open(part, out);
      if (part.role == Role::row_count) {
        out.type = "row.names";
        out.metadata = metadata_of(Step(Plan()), out);
      }
      return done;
    }
    out = close(steps_.back());
    last_ = steps_.back().extent;
    steps_.pop_back();
    return true;
  } catch (const Error& error) {
    if (!drop_attribute(error)) throw;
    out = Encoded();
    last_ = Extent();
    return true;
  }
}

bool Walk::in_attribute() const {
  return !steps_.empty() &&
         (steps_.back().in_attribute || steps_.back().next()->name != R_NilValue);
}

bool Walk::open(const Part& part, Encoded& out) {
  opened_ += 1;
  if (--until_poll_ == 0) {
    until_poll_ = kBetweenPolls;
    poll_interrupt();
  }
  last_ = Extent();
  if (former_ && former_->is_unchanged(part, out)) {
    last_ = extent_of(part.value);
    return true;
  }
  if (part.role == Role::item && part.origin == kNoId &&
      (encode_plain_scalar(context_, part.value, out) ||
       (!origin_ &&
        plain_lists_.encode(part.value, limits_, steps_.size(), opened_, out, last_)))) {
    return true;
  }
  const bool is_inside = in_attribute();
  Repeated::Key key = 0;
  if (part.role != Role::column && part.role != Role::key && part.origin == kNoId &&
      MAYBE_SHARED(part.value)) {
    key = Repeated::key(part.value, is_inside);
    if (repeated_.find(key, out, last_)) return true;
  }
  Part changed = part;
  if (former_) changed.origin = former_->plain_of(part.origin);
  Step step(plan(changed, is_inside));
  if (former_) former_->keep_class(part.origin, changed.origin, step.plan);
  step.in_attribute = is_inside;
  const bool has_parts = step.next() != nullptr;
  if (has_parts || TYPEOF(step.plan.x) == VECSXP) {
    require_extent(steps_.size(), step.extent);
    step.repeated = key;
  } else {
    step.extent = Extent();
  }
  if (has_parts) {
    step.items.reserve(step.plan.items.size());
    steps_.push_back(std::move(step));
    return false;
  }
  out = close(step);
  last_ = step.extent;
  return true;
}

Encoded Walk::close(Step& step) {
  Encoded out = step.plan.make(step.plan.x, step.items);
  if (step.plan.is_opaque) step.extent = extent_of(step.plan.x);
  out.metadata = metadata_of(step, out);
  if (step.repeated != 0) repeated_.note(step.repeated, out, step.extent);
  return out;
}

Id Walk::metadata_of(const Step& step, const Encoded& encoded) {
  metadata::NewMembers members;
  members.type = encoded.type;
  members.value = encoded.r_value;
  members.bytes = encoded.bytes;
  for (std::size_t i = 0; i < step.attributes.size(); ++i) {
    const Encoded& value = step.attributes[i];
    if (value.value == kNoId) continue;
    members.attributes.push_back(
        {text_of(context_, step.plan.attributes[i].name), value.value, value.metadata});
  }
  for (std::size_t i = 0; i < step.items.size(); ++i) {
    if (step.items[i].metadata != kNoId) {
      members.children.push_back({i, step.items[i].metadata});
    }
  }
  return context_.metadata.write(members);
}

// -- which kind of value it is --------------------------------------------------------

namespace {

const char* describe(SEXP x) {
  switch (TYPEOF(x)) {
    case CLOSXP:
    case BUILTINSXP:
    case SPECIALSXP:
      return "a function";
    case ENVSXP:
      return "an environment";
    case EXTPTRSXP:
      return "an external pointer";
    case SYMSXP:
      return "a symbol";
    case LANGSXP:
      return Rf_inherits(x, "formula") ? "a formula" : "a call";
    case EXPRSXP:
      return "an expression";
    case LISTSXP:
      return "a pairlist";
    case S4SXP:
      return "an S4 object";
    default:
      return Rf_isS4(x) ? "an S4 object" : "an object of this type";
  }
}

bool is_vector(SEXP x) { return Rf_isVectorAtomic(x) || TYPEOF(x) == VECSXP; }

}  // namespace

Plan Walk::plan(const Part& part, bool in_attribute) {
  SEXP x = part.value;
  const char* environment = in_attribute ? environment_name(x) : nullptr;
  if (environment) return plan_environment(context_, environment);
  if (Rf_isObject(x) || (!is_vector(x) && x != R_NilValue)) {
    // A class of the user's says how it is stored.
    x = context_.keep(protect([&] { return call_own("python_form", {x}); }));
  }
  if (x == R_NilValue) {
    return plan_of(x, [this](SEXP) {
      Encoded none;
      none.value = context_.tree.none();
      return none;
    });
  }
  Plan simple;
  const bool was_array = former_ && former_->is_array(part.origin);
  if (part.role != Role::key && !was_array &&
      plan_plain_list(context_, x, part.origin, simple)) {
    return simple;
  }
  const Mark mark = mark_of(context_, x);
  if (mark.is_whole()) {
    Plan plan = plan_marked(context_, mark, R_NilValue);
    plan.attributes = kept_attributes(context_, plan, mark.names);
    return plan;
  }
  if (mark.kind != Mark::Type::none) x = mark.x;
  if (Rf_isS4(x) || !(is_vector(x) || (in_attribute && is_language(x)))) {
    context_.refuse(
        ErrorKind::value, std::string(describe(x)) + " cannot be stored",
        "as_python() methods say how a class is stored; r_object(x) stores what R alone "
        "is to read.");
  }
  if (TYPEOF(x) == SYMSXP) return plan_symbol(context_, x);
  SEXP attributes = context_.keep(attributes_of(x));
  if (is_of_session(x, attributes)) {
    context_.refuse(
        ErrorKind::value,
        "it is a handle, a number that means something in this session alone");
  }
  Plan plan = mark.kind != Mark::Type::none ? plan_marked(context_, mark, attributes)
                                            : plan_value(x, attributes, part);
  for (Part& kept : kept_attributes(context_, plan, attributes)) {
    plan.attributes.push_back(kept);
  }
  return plan;
}

Plan Walk::plan_value(SEXP x, SEXP attributes, const Part& part) {
  SEXP classes = get_attribute(attributes, "class");
  if (has_class(classes, "python_object")) {
    return objects_.plan(x, attributes, steps_.empty());
  }
  if (has_class(classes, "python_pickle")) return plan_pickled(context_, x);
  if (has_class(classes, "python_dict")) return plan_dict(context_, x, attributes, part);
  Plan kept;
  const bool is_key = part.role == Role::key;
  if (is_key && plan_key(context_, objects_, x, attributes, kept)) return kept;
  if (part.role == Role::item && plan_kept(context_, objects_, x, attributes, kept)) {
    return kept;
  }
  if (former_ && former_->plan(x, attributes, part.origin, kept)) return kept;
  if (TYPEOF(x) == VECSXP) return plan_list(context_, x, attributes, part.origin);
  if (is_language(x)) return plan_language(context_, x);
  return plan_vector(context_, x, attributes, part.role == Role::column, part.origin);
}

// -- places and errors ----------------------------------------------------------------

std::string name_or_position(SEXP x, std::size_t i, std::size_t) {
  // those of a pairlist are made here
  SEXP names = protect([&] { return Rf_getAttrib(x, R_NamesSymbol); });
  const std::string name =
      TYPEOF(names) != STRSXP || static_cast<R_xlen_t>(i) >= Rf_xlength(names)
          ? std::string()
          : std::string(CHAR(string_elt(names, static_cast<R_xlen_t>(i))));
  return name.empty() ? "[[" + std::to_string(i + 1) + "]]" : "$" + name;
}

// Of a deep value the first and the last steps: an error may be made at each level.
std::string Walk::path() const {
  constexpr std::size_t kShown = 8;
  const std::string name = called_.name();
  std::string path;
  for (std::size_t level = 0; level < steps_.size(); ++level) {
    if (level == kShown && steps_.size() > 2 * kShown) {
      level = steps_.size() - kShown;
      path += " ... ";
    }
    const Step& step = steps_[level];
    const Part* part = step.next();
    if (!part) continue;
    if (path.empty()) path = name;
    if (part->name == R_NilValue) {
      path += step.plan.label(step.plan.x, step.items.size(), step.plan.items.size());
    } else {
      path = "attribute \"" + std::string(CHAR(part->name)) + "\" of " +
             (path == name ? called_.whole() : path);
    }
  }
  return path.empty() ? called_.whole() : path;
}

bool Walk::drop_attribute(const Error& error) {
  if (error.kind != ErrorKind::value && error.kind != ErrorKind::unsupported) {
    return false;
  }
  for (std::size_t i = steps_.size(); i > 0; --i) {
    const Part* part = steps_[i - 1].next();
    if (!part || part->name == R_NilValue) continue;
    const char* name = CHAR(part->name);
    if (is_structure(name)) return false;
    steps_.erase(steps_.begin() + static_cast<std::ptrdiff_t>(i), steps_.end());
    if (!is_scaffolding(name)) {
      std::string what = path();
      what[0] = 'A';
      context_.warnings.push_back(
          {WarningKind::dropped, what + " cannot be stored and is left out."});
    }
    return true;
  }
  return false;
}

}  // namespace mmappickle::write
