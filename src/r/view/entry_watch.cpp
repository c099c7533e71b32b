#include "r/view/entry_watch.h"

#include <climits>
#include <cstring>

namespace mmappickle {

namespace {

// Never destroyed: finalizers may run while the process ends.
std::unordered_set<const EntryWatch*>& watches() {
  static auto& set = *new std::unordered_set<const EntryWatch*>;
  return set;
}

// Of what was not loaded by a Store the map covers the whole file.
store::Loaded::Witness witness_of(const store::Loaded& loaded) {
  if (loaded.witness.header) return loaded.witness;
  return {loaded.mapping, loaded.mapping, loaded.mapping};
}

std::string head_of(const store::Loaded::Witness& witness, const store::Frame& frame) {
  const auto* at = witness.head->at(frame.at);
  return std::string(reinterpret_cast<const char*>(at),
                     store::kEntryHead + frame.key_size);
}

// True if a number was set back. After the largest comes 0 (next_number()).
bool is_earlier(std::int32_t number, std::int32_t than) {
  constexpr std::int32_t kNear = 1 << 24;
  const bool wrapped = number >= 0 && number < kNear && than > INT_MAX - kNear;
  return number < than && !wrapped;
}

}  // namespace

std::shared_ptr<const EntryWatch> EntryWatch::of(const store::Loaded& loaded) {
  const bool witnessed = loaded.mapping != nullptr || loaded.witness.header != nullptr;
  if (!witnessed || loaded.frame.length == 0) return nullptr;
  return std::shared_ptr<const EntryWatch>(new EntryWatch(loaded));
}

EntryWatch::EntryWatch(const store::Loaded& loaded)
    : witness_(witness_of(loaded)),
      number_at_(witness_.header->at(store::kNumberOffset)),
      mapping_(loaded.mapping ? loaded.mapping : witness_.head),
      frame_(loaded.frame),
      head_(head_of(witness_, frame_)),
      first_(loaded.number),
      seen_(loaded.number) {
  watches().insert(this);
}

EntryWatch::~EntryWatch() { watches().erase(this); }

bool EntryWatch::head_is_current() const {
  const std::int32_t now = number();
  if (is_earlier(now, seen_)) return false;
  if (std::memcmp(witness_.head->at(frame_.at), head_.data(), head_.size()) != 0) {
    return false;
  }
  if (is_damaged()) return false;  // by this look
  seen_ = now;
  return true;
}

bool EntryWatch::look() const {
  const std::uint32_t faults = os::Guard::faults();  // before the look
  if (!is_current()) return false;
  pulse_ = Pulse(number_at_, in_order(static_cast<std::uint32_t>(seen_)), faults);
  return true;
}

bool EntryWatch::is_live() const {
  return head_is_current() && *witness_.tail->at(frame_.state_at()) == store::kLive &&
         !is_damaged();
}

void require_current(const Watch* watch) {
  if (watch == nullptr || watch->is_current()) return;
  throw Error(ErrorKind::stale,
              "a view's bytes were moved, changed or cut off in its file",
              "Read the value again.");
}

const char* EntryWatch::what_happened() const {
  return "The Python library's vacuum moved the bytes under this view.";
}

const char* EntryWatch::what_to_do() const {
  return "Read the value again. (vacuum() of this package moves nothing under views.)";
}

const char* EntryWatch::what_to_do_if_cut() const {
  return "Open the file again and run fsck().";
}

std::unordered_set<std::uint64_t> EntryWatch::places_in(const os::Identity& file) {
  std::unordered_set<std::uint64_t> places;
  for (const EntryWatch* watch : watches()) {
    if (watch->mapping_->identity() == file) places.insert(watch->frame_.at);
  }
  return places;
}

}  // namespace mmappickle
