// Room taken back; see R/vacuum.R.
#include "core/store/vacuum.h"

#include <unordered_set>

#include "core/store/reclaim.h"
#include "r/progress.h"
#include "r/text.h"
#include "r/view/entry_watch.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// Keys of the entries that could not be upgraded.
// [[Rcpp::export(rng = false)]]
SEXP store_vacuum(SEXP ptr, bool force, bool upgrade, bool keep_room) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    std::vector<std::string> left =
        store::vacuum(*handle.store, force, upgrade, note_progress, keep_room);
    return with_warnings(handle, character_vector(left));
  });
}

// Bytes given back.
// [[Rcpp::export(rng = false)]]
SEXP store_reclaim(SEXP ptr, bool force) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    std::unordered_set<std::uint64_t> viewed;
    {
      const store::Reading reading(*handle.store);
      viewed = EntryWatch::places_in(reading.status().identity);
    }
    const std::uint64_t bytes = store::reclaim(
        *handle.store, force,
        [&](const store::Range& entry) { return viewed.count(entry.first) > 0; });
    return with_warnings(handle, number(static_cast<double>(bytes)));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_old_arrays(SEXP ptr) {
  return enter([&] {
    double count;
    {
      const store::Reading reading(store_of(ptr));
      count = static_cast<double>(count_old_arrays(reading));
    }
    return number(count);
  });
}
