// Values put and deleted; see R/assign.R.
#include "r/text.h"
#include "r/write/write.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

// `own`: the value's elements are those that stand in the entry now.
// [[Rcpp::export(rng = false)]]
SEXP store_put(SEXP ptr, SEXP key, SEXP value, int flags, SEXP origin, bool own) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    try {
      const std::unique_ptr<Origin> from(take_origin(origin));
      const numpy::StoredValue stored_value =
          encode(value, Flags(flags), warnings, in_r(name), from.get());
      store::Writing writing(*handle.store);
      if (!own || !writing.put_metadata(name, stored_value)) {
        writing.put(name, stored_value);
      }
    } catch (Error& error) {
      if (error.key.empty()) error.key = name;
      if (error.path.empty()) error.path = handle.store->path();
      throw;
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
      writing.erase(name);
    }
    return with_warnings(handle, R_NilValue);
  });
}
