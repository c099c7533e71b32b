// Values read under the lock, and used without.
#include "r/read/entries.h"

#include <algorithm>

namespace mmappickle {

Entries::Entries(store::Store& store, bool all, std::vector<std::string>& names)
    : store_(store) {
  const store::Reading reading(store);
  if (all) {
    names.clear();
    for (const store::Index::Slot slot : reading.index().live()) {
      names.emplace_back(reading.index().key(slot));
    }
  }
  for (const std::string& name : names) each_.emplace_back(reading, name);
}

bool Entries::are_current() const {
  const auto all_of = [this](bool (EntryWatch::*good)() const) {
    return std::all_of(each_.begin(), each_.end(), [good](const One& one) {
      return one.watch == nullptr || (one.watch.get()->*good)();
    });
  };
  if (all_of(&EntryWatch::is_live)) return true;
  // Deleted or replaced, which moves nothing; unless a vacuum is at it just now: it has
  // come to its end when there is a lock.
  const store::Reading wait(store_);
  return all_of(&EntryWatch::is_current);
}

}  // namespace mmappickle
