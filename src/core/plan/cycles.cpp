// Values that refer to themselves, and how large a value is; see "Cycles" in planner.h.
#include <algorithm>

#include "planner.h"

namespace mmappickle::plan {

namespace {

// An inert object that contains more levels of such is not stored as a part of another
// one: each step would have all those below it once more.
constexpr unsigned kMaxLevels = 16;

}  // namespace

void Planner::enter(Step& step) {
  step.opened = ++clock_;
  if (plans_.plans[step.plan].form == Form::object) ++objects_;
  if (step.tracked == kNoId) return;
  seen(step.tracked).marks |= kOpen;
  seen(step.tracked).step = static_cast<std::uint32_t>(steps_.size() - 1);
}

// `step` is the topmost one.
void Planner::leave(Step& step) {
  const std::size_t at = steps_.size() - 1;
  Step& around = steps_[at - 1];
  unsigned levels = step.levels;
  if (plans_.plans[step.plan].form == Form::object) {
    --objects_;
    ++levels;
  }
  around.levels = std::max(around.levels, levels);
  const bool cut_off = is_cut_off(step);
  if (cut_off) around.reach = std::min(around.reach, step.reach);
  around.extent.add(step.extent);
  if (at > 1) require_extent(at - 2, around.extent);
  if (step.tracked != kNoId && !cut_off) seen(step.tracked).marks |= kWhole;
  if (step.remembered == kNoId) return;
  Seen& kept = seen(step.remembered);
  kept.levels = static_cast<std::uint8_t>(std::min(levels, 255u));
  kept.height = step.extent.height;
  kept.leaves = static_cast<float>(step.extent.leaves);
  if (cut_off) cut_off_[step.remembered] = ++clock_;
}

bool Planner::is_cut_off(const Step& step) {
  return step.reach < steps_.size() - 1 &&
         !(step.tracked != kNoId && (seen(step.tracked).marks & kWhole));
}

// A list or dict of nothing but plain values, as rows and records are: what a step would
// do, at once. False: it needs one.
bool Planner::finish_plain(Number number, std::size_t first, Id tracked) {
  Plan& plan = plans_.plans[number];
  const bool is_list = plan.form == Form::list || plan.form == Form::named;
  if (!is_list || plan.details != kNone) return false;
  for (std::size_t i = first; i < children_.size(); ++i) {
    if (!is_plain(tree_, children_[i].node)) return false;
    tree_.poll();
  }
  plan.storable = storable(nullptr, plan.form);
  plan.first = static_cast<std::uint32_t>(plans_.links.size());
  plan.count = plan.own;
  for (std::size_t i = first; i < children_.size(); ++i) {
    plans_.links.emplace_back(kNone, children_[i].node);
  }
  plans_.order.push_back(number);
  children_.resize(first);
  opened_ += plan.own;
  pickle::Extent extent = pickle::Extent::container();
  extent.leaves += plan.own;
  require_extent(steps_.size() - 1, extent);
  add_part(extent);
  if (tracked == kNoId) return true;
  Seen& kept = seen(tracked);
  kept.marks |= kWhole;
  kept.height = extent.height;
  kept.leaves = static_cast<float>(extent.leaves);
  return true;
}

void Planner::meet_again(Id id) {
  Step& top = steps_.back();
  const Seen& kept = seen(id);
  top.levels = std::max<unsigned>(top.levels, kept.levels);
  add_part({kept.height, kept.leaves});
  const auto found = cut_off_.find(id);
  if (found == cut_off_.end()) return;
  const auto after = std::upper_bound(
      steps_.begin(), steps_.end(), found->second,
      [](std::uint64_t time, const Step& step) { return time < step.opened; });
  cut(static_cast<std::size_t>(after - steps_.begin()) - 1);
}

void Planner::cut(std::size_t step) {
  steps_.back().reach = std::min(steps_.back().reach, step);
}

// `step`: the topmost one; null for a value that needed none.
Storable Planner::storable(const Step* step, Form form) {
  if (step && is_cut_off(*step)) return Storable::cut_off;
  const bool inside = objects_ > (step && form == Form::object ? 1u : 0u);
  if (!inside) return Storable::whole;
  return !step || step->levels <= kMaxLevels ? Storable::part : Storable::no;
}

// Of the topmost step's value.
void Planner::add_part(const pickle::Extent& part) {
  Step& top = steps_.back();
  top.extent.add(part);
  if (steps_.size() > 1) require_extent(steps_.size() - 2, top.extent);
}

// `around`: steps below that of the value.
void Planner::require_extent(std::size_t around, const pickle::Extent& extent) const {
  const pickle::Beyond found =
      beyond(options_.limits, static_cast<double>(around), extent, opened_);
  if (found != pickle::Beyond::nothing) {
    refuse_extent(found, options_.limits, options_.subject());
  }
}

}  // namespace mmappickle::plan
