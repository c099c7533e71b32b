// Values put and deleted; see R/assign.R.
#include <algorithm>
#include <utility>
#include <vector>

#include "core/store/grow.h"
#include "r/own.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/write/write.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// `put` and what it throws, which tells the file and the key.
template <class Put>
auto about(const Handle& handle, const std::string& key, Put&& put) -> decltype(put()) {
  try {
    return put();
  } catch (Error& error) {
    if (error.key.empty()) error.key = key;
    if (error.path.empty()) error.path = handle.store->path();
    throw;
  }
}

}  // namespace

// `is_own`: the value's elements are those that stand in the entry now.
// [[Rcpp::export(rng = false)]]
SEXP store_put(SEXP m, SEXP key, SEXP value, SEXP origin, bool is_own) {
  return enter([&] {
    const Own own = own_of(m);
    const Shield pointer(own.pointer);
    Handle& handle = handle_of(pointer);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    about(handle, name, [&] {
      const std::unique_ptr<Origin> from(take_origin(origin));
      numpy::StoredValue stored_value =
          encode(value, own.flags, warnings, name, from.get());
      store::Writing writing(*handle.store);
      if (is_own) store::keep_growing(writing, name, stored_value);
      if (!is_own || !writing.put_metadata(name, stored_value)) {
        writing.put(name, stored_value);
      }
    });
    return with_warnings(handle, R_NilValue, warnings);
  });
}

// A value for each key, recycled; a commit each. So many at a time are made ready before
// the lock is taken that lock and walk are no cost, and few enough to be kept.
// [[Rcpp::export(rng = false)]]
SEXP store_put_many(SEXP ptr, SEXP keys, SEXP values, int flags) {
  return enter([&] {
    constexpr R_xlen_t kAtOnce = 256;
    Handle& handle = handle_of(ptr);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    const R_xlen_t n = Rf_xlength(keys), of = Rf_xlength(values);
    for (R_xlen_t first = 0; first < n; first += kAtOnce) {
      std::vector<std::pair<std::string, numpy::StoredValue>> ready;
      for (R_xlen_t at = first; at < std::min(n, first + kAtOnce); ++at) {
        std::string name = utf8_of(string_elt(keys, at));
        about(handle, name, [&] {
          store::check_key(name);
          numpy::StoredValue stored_value =
              encode(vector_elt(values, at % of), Flags(flags), warnings, name);
          ready.emplace_back(std::move(name), std::move(stored_value));
        });
      }
      store::Writing writing(*handle.store);
      for (const auto& [name, stored_value] : ready) writing.put(name, stored_value);
    }
    return with_warnings(handle, R_NilValue, warnings);
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_erase(SEXP ptr, SEXP key) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    {
      store::Writing writing(*handle.store);
      const bool is_there = writing.index().find(name) != store::Index::kNone;
      if (is_there) writing.erase(name);
    }
    return with_warnings(handle, R_NilValue);
  });
}
