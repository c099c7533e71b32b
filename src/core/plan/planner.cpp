#include "planner.h"

#include "../python/object.h"

namespace mmappickle::plan {

using pickle::Node;
using pickle::Tag;

void Planner::run(Id value, Id metadata, const numpy::Array* array) {
  children_.emplace_back(value, metadata);
  steps_.push_back(Step{kNone, 0, 0, 1, 0});
  while (steps_.size() > 1 || steps_[0].next < steps_[0].last) {
    Step& top = steps_.back();
    pass_plain(top);
    if (top.next == top.last) {
      finish();
      continue;
    }
    const std::size_t i = top.next++;
    const Child child = children_[i];
    const Number plan = array && steps_.size() == 1
                            ? open_entry(*array, child.metadata)
                            : open(child.node, child.metadata, child.node);
    children_[i].plan = plan;
  }
}

// Past children that are plain values, which need no plan.
void Planner::pass_plain(Step& step) {
  const std::size_t from = step.next;
  while (step.next < step.plain_last && children_[step.next].metadata == kNoId &&
         is_plain(tree_, children_[step.next].node)) {
    ++step.next;
    tree_.poll();
  }
  if (step.next == from) return;
  const auto count = static_cast<double>(step.next - from);
  opened_ += count;
  pickle::Extent plain;
  plain.leaves = count;
  add_part(plain);
}

// -- what was met before --------------------------------------------------------------

Number& Planner::remembered(Id id, bool as_list, bool with_metadata) {
  if (as_list) return lists_.emplace(id, kNone).first->second;
  return with_metadata ? with_metadata_.emplace(id, kNone).first->second : seen(id).plan;
}

// The plan that is remembered, or kNone.
Number Planner::met(Id id, bool as_list, bool with_metadata) {
  const Number plan = remembered(id, as_list, with_metadata);
  if (plan == kNone) return kNone;
  meet_again(id);
  return plan;
}

// Each container's items are planned with metadata once. False: they were.
bool Planner::apply_once(Id items) {
  if (items == kNoId || tree_[items].size == 0) return true;
  const bool first = !(seen(items).marks & kApplied);
  seen(items).marks |= kApplied;
  return first;
}

bool Planner::may_be_shared(Id id) const {
  switch (tree_[id].tag) {
    case Tag::list:
    case Tag::tuple:
    case Tag::set:
    case Tag::frozenset:
    case Tag::dict:
    case Tag::object:
    case Tag::persistent:
    case Tag::bytes:
    case Tag::byte_array:
      return true;
    case Tag::text:
    case Tag::string:
    case Tag::big_integer:
      return tree_[id].size >= kLongText;
    default:
      return false;
  }
}

// -- the walk -------------------------------------------------------------------------

Number Planner::add(const Plan& plan) {
  plans_.plans.push_back(plan);
  return static_cast<Number>(plans_.plans.size() - 1);
}

Details& Planner::details(Plan& plan) {
  if (plan.details == kNone) {
    plan.details = static_cast<std::uint32_t>(plans_.details.size());
    plans_.details.emplace_back();
  }
  return plans_.details[plan.details];
}

// The child that is being opened is an attribute's value, or a part of one.
bool Planner::inside_attribute() const {
  const Step& around = steps_.back();
  if (around.plan == kNone) return false;
  const Plan& plan = plans_.plans[around.plan];
  const bool has_value = plans_.details_of(plan).metadata.value != kNoId;
  return plan.inside_attribute ||
         around.next - 1 - around.first >= std::size_t{plan.own} + has_value;
}

Number Planner::open_entry(const numpy::Array& array, Id metadata) {
  Plan plan;
  plan.form = Form::array;
  details(plan).array = &array;
  details(plan).metadata = metadata::read_members(tree_, metadata);
  if (!details(plan).metadata.fits) note_misfit();
  const std::size_t first = children_.size();
  const Number number = add(plan);
  add_children(number);
  if (children_.size() == first) {
    plans_.order.push_back(number);
  } else {
    push(number, first, kNoId, kNoId, kNoId);
  }
  return number;
}

// The plan of this very value with this metadata, if it was met before. Metadata that is
// none, or another value's, is left out.
Number Planner::use_metadata(Id id, Id& metadata) {
  if (metadata == kNoId || metadata == kAsList) return kNone;
  if (tree_[metadata].tag == Tag::dict) {
    if (!(seen(metadata).marks & kUsed)) {
      seen(metadata).marks |= kUsed;
      seen(metadata).value = id;
      return kNone;
    }
    const Number again = seen(metadata).value == id ? met(metadata, false, true) : kNone;
    if (again != kNone) return again;
  }
  note_misfit();
  metadata = kNoId;
  return kNone;
}

// Each node without metadata is planned once, and each metadata node applied to one
// value: what a file shares costs nothing more, whatever it refers to how often.
Number Planner::open(Id id, Id metadata, Id referred) {
  opened_ += 1;
  tree_.poll();
  const Number used = use_metadata(id, metadata);
  if (used != kNone) return used;
  const bool with_metadata = metadata != kNoId && metadata != kAsList;
  const bool tracked = may_be_shared(id);
  const Tag tag = tree_[id].tag;
  const bool as_list =
      metadata == kAsList && pickle::is_container(tag) && tag != Tag::dict;
  Plan plan;
  plan.node = id;
  plan.referred = referred;
  plan.parent = steps_.back().plan;
  if (tracked && (seen(id).marks & kOpen)) {
    cut(seen(id).step);
    plan.form = Form::cycle;
    return finish_leaf(add(plan));
  }
  if (!tracked && !with_metadata && tag <= Tag::string) {  // a plain value
    plan.storable = storable(nullptr, plan.form);
    return finish_leaf(add(plan));
  }
  if (tracked && !with_metadata) {
    const Number again = met(id, as_list, false);
    if (again != kNone) return again;
  }
  const Id other = classify(plan, metadata);
  if (other != kNoId) return open(other, kNoId, referred);  // never an object: one step
  if (with_metadata && pickle::is_container(tree_[plans_.items_of(plan)].tag) &&
      !apply_once(plans_.items_of(plan))) {
    note_misfit();
    return open(id, kNoId, referred);
  }
  plan.inside_attribute = inside_attribute();
  const std::size_t first = children_.size();
  const Number number = add(plan);
  add_children(number);
  const Id remember = with_metadata ? metadata : tracked ? id : kNoId;
  const bool may_be_leaf = plan.form <= Form::array || plan.form == Form::pandas ||
                           (plan.form == Form::objects && plan.simple != Simple::no);
  const bool is_leaf = may_be_leaf && children_.size() == first;
  if (is_leaf) {
    plans_.plans[number].storable = storable(nullptr, plan.form);
    finish_leaf(number);
  }
  if (is_leaf || finish_plain(number, first, tracked ? id : kNoId)) {
    if (remember != kNoId) remembered(remember, as_list, with_metadata) = number;
    return number;
  }
  push(number, first, tracked ? id : kNoId, remember, metadata);
  steps_.back().as_list = as_list;
  return number;
}

// A plan without children.
Number Planner::finish_leaf(Number plan) {
  add_part(pickle::Extent());
  plans_.order.push_back(plan);
  return plan;
}

// A step for the plan, whose children are there from `first` on.
void Planner::push(Number plan, std::size_t first, Id tracked, Id remember, Id metadata) {
  require_extent(steps_.size() - 1, pickle::Extent::container());
  Step step{plan, first, first, children_.size(), 0};
  step.tracked = tracked;
  step.remembered = remember;
  step.with_metadata = metadata != kNoId && metadata != kAsList;
  const Plan& own = plans_.plans[plan];
  const bool is_list = own.form == Form::list || own.form == Form::named;
  if (is_list && own.details == kNone) step.plain_last = first + own.own;
  steps_.push_back(step);
  enter(steps_.back());
}

// The topmost step: all of its children are planned.
void Planner::finish() {
  Step& top = steps_.back();
  Plan& plan = plans_.plans[top.plan];
  plan.storable = storable(&top, plan.form);
  plan.first = static_cast<std::uint32_t>(plans_.links.size());
  plan.count = static_cast<std::uint32_t>(top.last - top.first);
  for (std::size_t i = top.first; i < top.last; ++i) {
    plans_.links.emplace_back(children_[i].plan, children_[i].node);
  }
  plans_.order.push_back(top.plan);
  leave(top);
  if (top.tracked != kNoId) {
    seen(top.tracked).marks &= static_cast<std::uint8_t>(~kOpen);
  }
  if (top.remembered != kNoId) {
    remembered(top.remembered, top.as_list, top.with_metadata) = top.plan;
  }
  children_.resize(top.first);
  steps_.pop_back();
}

// -- children -------------------------------------------------------------------------

void Planner::add_children(Number number) {
  const std::size_t first = children_.size();
  const Plan plan = plans_.plans[number];
  const Id items = plans_.items_of(plan);
  switch (plan.form) {
    case Form::objects:
    case Form::list:
      if (plan.simple != Simple::no) break;
      for (Id item : tree_.items(items)) children_.emplace_back(item);
      break;
    case Form::named:
    case Form::dict:
      add_pairs(number, items);
      break;
    case Form::pairs:
      plans_.plans[number].keys = static_cast<std::uint32_t>(plans_.keys.size());
      for (Id pair : tree_.items(items)) {
        plans_.keys.push_back(tree_.item(pair, 0));
        children_.emplace_back(tree_.item(pair, 1));
      }
      break;
    case Form::pandas:
      add_parts(plan, *plans_.details_of(plan).pandas);
      break;
    case Form::object: {
      Id parts[python::kObjectParts];
      python::object_parts(tree_, plan.node, plans_.details_of(plan).derived, parts);
      for (Id part : parts) {
        if (part != kNoId) children_.emplace_back(part, kAsList);
      }
      break;
    }
    default:
      break;
  }
  plans_.plans[number].own = static_cast<std::uint32_t>(children_.size() - first);
  const metadata::Members& members = plans_.details_of(plans_.plans[number]).metadata;
  if (members.children != kNoId) {
    apply_children(plans_.plans[number], members.children, first);
  }
  if (members.value != kNoId) children_.emplace_back(members.value);
  if (members.attributes == kNoId) return;
  for (Id pair : tree_.items(members.attributes)) {
    const Id of_value = tree_[pair].size > 2 ? tree_.item(pair, 2) : kNoId;
    children_.emplace_back(tree_.item(pair, 1), of_value);
  }
}

// {position: metadata}
void Planner::apply_children(const Plan& plan, Id children, std::size_t first) {
  const std::uint64_t skip = plan.form == Form::dict ? plan.own / 2 : 0;
  Id position = kNoId;
  for (Id id : tree_.items(children)) {
    if (position == kNoId) {
      position = id;
      continue;
    }
    const Node& at = tree_[position];
    position = kNoId;
    if (at.tag != Tag::integer || at.integer < 0 || tree_[id].tag != Tag::dict ||
        static_cast<std::uint64_t>(at.integer) >= plan.own) {
      note_misfit();
      continue;
    }
    const auto place = static_cast<std::uint64_t>(at.integer);
    children_[first + (skip + place) % plan.own].metadata = id;
  }
}

}  // namespace mmappickle::plan
