// Values that refer to themselves, and how large a value is; see "Cycles" in planner.h.
#include <algorithm>

#include "planner.h"

namespace mmappickle::plan {

namespace {

// An inert object that contains more levels of such is not stored as a part of another
// one: each level would have all those below it once more.
constexpr unsigned kMaxLevels = 16;

}  // namespace

void Planner::enter(Frame& frame) {
  frame.opened = ++clock_;
  if (plans_.plans[frame.plan].form == Form::object) ++objects_;
  if (frame.tracked == kNoId) return;
  seen(frame.tracked).marks |= kOpen;
  seen(frame.tracked).frame = static_cast<std::uint32_t>(frames_.size() - 1);
}

// `frame` is the topmost one.
void Planner::leave(Frame& frame) {
  const std::size_t at = frames_.size() - 1;
  Frame& around = frames_[at - 1];
  unsigned levels = frame.levels;
  if (plans_.plans[frame.plan].form == Form::object) {
    --objects_;
    ++levels;
  }
  around.levels = std::max(around.levels, levels);
  const bool cut_off = is_cut_off(frame);
  if (cut_off) around.reach = std::min(around.reach, frame.reach);
  around.extent.add(frame.extent);
  if (at > 1) require_extent(at - 2, around.extent);
  if (frame.tracked != kNoId && !cut_off) seen(frame.tracked).marks |= kWhole;
  if (frame.remembered == kNoId) return;
  Seen& kept = seen(frame.remembered);
  kept.levels = static_cast<std::uint8_t>(std::min(levels, 255u));
  kept.height = frame.extent.height;
  kept.leaves = static_cast<float>(frame.extent.leaves);
  if (cut_off) cut_off_[frame.remembered] = ++clock_;
}

bool Planner::is_cut_off(const Frame& frame) {
  return frame.reach < frames_.size() - 1 &&
         !(frame.tracked != kNoId && (seen(frame.tracked).marks & kWhole));
}

void Planner::meet_again(Id id) {
  Frame& top = frames_.back();
  const Seen& kept = seen(id);
  top.levels = std::max<unsigned>(top.levels, kept.levels);
  add_part({kept.height, kept.leaves});
  const auto found = cut_off_.find(id);
  if (found == cut_off_.end()) return;
  const auto after = std::upper_bound(
      frames_.begin(), frames_.end(), found->second,
      [](std::uint64_t time, const Frame& frame) { return time < frame.opened; });
  cut(static_cast<std::size_t>(after - frames_.begin()) - 1);
}

void Planner::cut(std::size_t frame) {
  frames_.back().reach = std::min(frames_.back().reach, frame);
}

// `frame`: the topmost one; null for a value that needed none.
Storable Planner::storable(const Frame* frame, Form form) {
  if (frame && is_cut_off(*frame)) return Storable::cut_off;
  const bool inside = objects_ > (frame && form == Form::object ? 1u : 0u);
  if (!inside) return Storable::whole;
  return !frame || frame->levels <= kMaxLevels ? Storable::part : Storable::no;
}

// Of the topmost frame's value.
void Planner::add_part(const pickle::Extent& part) {
  Frame& top = frames_.back();
  top.extent.add(part);
  if (frames_.size() > 1) require_extent(frames_.size() - 2, top.extent);
}

// `around`: frames below that of the value.
void Planner::require_extent(std::size_t around, const pickle::Extent& extent) const {
  const pickle::Beyond found =
      beyond(options_.limits, static_cast<double>(around), extent, opened_);
  if (found != pickle::Beyond::nothing) {
    refuse_extent(found, options_.limits, options_.subject);
  }
}

}  // namespace mmappickle::plan
