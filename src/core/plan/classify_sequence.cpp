// Which vectors sequences become.
#include "planner.h"

namespace mmappickle::plan {

using pickle::Node;
using pickle::Tag;

namespace {

Simple simple_named(std::string_view type) {
  if (type == "logical") return Simple::logical;
  if (type == "integer") return Simple::integer;
  if (type == "double") return Simple::real;
  if (type == "character") return Simple::character;
  return Simple::no;
}

bool is_only_none(const pickle::Tree& tree, Id sequence) {
  for (Id item : tree.items(sequence)) {
    if (tree[item].tag != Tag::none) return false;
  }
  return true;
}

}  // namespace

void Planner::classify_sequence(Plan& plan, Id items, bool as_list) {
  plan.form = Form::list;
  const bool typed = plans_.details_of(plan).metadata.type.size != 0;
  if (items != plan.node) details(plan).items = items;
  if (as_list || (!typed && !options_.simplify)) return;
  if (typed) {
    classify_typed(plan, items);
  } else if (simplify(plan, items, false)) {
    plan.form = Form::vector;
    if (!plan.kept) keep_kind(plan, items, tree_[items].tag);
  }
}

// (R's strings are lists anyway, but for one alone.)
void Planner::keep_kind(Plan& plan, Id items, Tag container) {
  const bool texts = plan.simple == Simple::character;
  if (texts && container == Tag::list && tree_[items].size > 1) return;
  plan.kept = true;
  plan.sequence = SequenceKind::of(container, found_.ints, found_.nones, found_.floats);
}

// A vector of an array.array (R's vectors are arrays), or of a set that was made of a
// list, as protocols before 4 make them. (Each list once: of what a file shares there is
// one vector.)
bool Planner::classify_made(Plan& plan, const python::Recognised& known, Id metadata) {
  const Tag container = known.container;
  if (metadata != kNoId || container == Tag::none || !options_.simplify ||
      tree_[known.node].tag == container) {
    return false;
  }
  std::uint8_t& marks = seen(known.node).marks;
  if (marks & kMade) return false;
  marks |= kMade;
  if (!simplify(plan, known.node, false)) return false;
  plan.form = Form::vector;
  details(plan).items = known.node;
  if (!plan.kept && container != Tag::array) keep_kind(plan, known.node, container);
  return true;
}

// Says in the plan which vector these items are; false: none.
bool Planner::simplify(Plan& plan, Id items, bool none_is_logical) {
  found_ = simplified(scalars_, items, options_.scalars, none_is_logical);
  plan.simple = found_.type;
  if (found_.type == Simple::no || found_.plain) return found_.type != Simple::no;
  plan.kept = true;
  details(plan).sequence = found_;
  return true;
}

// "character" and the like hold for any sequence of that type, None being NA; "list"
// keeps a list.
void Planner::classify_typed(Plan& plan, Id items) {
  const metadata::Members members = details(plan).metadata;
  const std::string_view type = members.type.text();
  if (type == "list" || type == "call" || type == "pairlist" || type == "expression") {
    return;
  }
  if (type == "pairs" && are_pairs(items)) {
    plan.form = Form::pairs;
  } else if (type == "factor" && fits_factor(plan, items)) {
    plan.form = Form::factor;
  } else if (type == "character" && members.bytes != kNoId) {
    plan.simple = Simple::character;
  } else {
    simplify(plan, items, false);
    const Simple wanted = simple_named(type);
    if (wanted != Simple::no && (plan.simple == wanted || (plan.simple == Simple::no &&
                                                           is_only_none(tree_, items)))) {
      plan.simple = wanted;
    } else {
      note_misfit();
      details(plan).metadata.type = Bytes();
    }
  }
  if (plan.simple != Simple::no) plan.form = Form::vector;
}

}  // namespace mmappickle::plan
