// Values read under the lock, and used without.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "core/store/store.h"
#include "r/unwind.h"
#include "r/view/entry_watch.h"

namespace mmappickle {

// Entries that were loaded under one lock.
class Entries {
 public:
  struct One {
    One(const store::Reading& reading, const std::string& name)
        : loaded(reading.load(reading.require(name))), watch(EntryWatch::of(loaded)) {}
    store::Loaded loaded;  // may be moved from
    const std::shared_ptr<const EntryWatch> watch;
  };

  Entries(store::Store& store, bool all, std::vector<std::string>& names);
  std::list<One>& each() { return each_; }
  // False if the bytes of one were moved since.
  bool are_current() const;

 private:
  store::Store& store_;
  std::list<One> each_;  // none is moved: that costs more than to load a small one
};

// Loads values under one lock (`all`: of every key, whose names it fills in), and gives
// them to `use` without: that is done again if an entry's bytes were moved meanwhile, as
// the Python library's vacuum does. Error of kind key for an absent one.
template <class Use>
SEXP read_entries(store::Store& store, bool all, std::vector<std::string>& names,
                  Use&& use) {
  constexpr int kAttempts = 100;
  for (int attempt = 1; attempt < kAttempts; ++attempt) {
    Entries entries(store, all, names);
    try {
      Shield value(use(entries.each()));
      if (entries.are_current()) return value;
    } catch (const Error&) {
      if (entries.are_current()) throw;
    }
  }
  throw Error(ErrorKind::stale, "entries were moved again and again while they were read",
              "Try again when the other processes have finished.");
}
template <class Use>
SEXP read_entry(store::Store& store, const std::string& key, Use&& use) {
  std::vector<std::string> names{key};
  return read_entries(store, false, names, [&](std::list<Entries::One>& entries) {
    return use(entries.front());
  });
}

}  // namespace mmappickle
