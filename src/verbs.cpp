// Whole entries copied, renamed, deleted; see R/verbs.R.
#include "r/text.h"
#include "r/vector.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

std::vector<std::string> keys_of(SEXP list) {
  std::vector<std::string> keys;
  for (R_xlen_t i = 0; i < Rf_xlength(list); ++i) {
    keys.push_back(key_of(vector_elt(list, i)));
  }
  return keys;
}

}  // namespace

// With `move` both pointers are the same.
// [[Rcpp::export(rng = false)]]
SEXP store_copy(SEXP ptr, SEXP from, SEXP keys, SEXP new_keys, bool overwrite,
                bool move) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    Handle& source = handle_of(from);
    const std::vector<std::string> old_names = keys_of(keys), names = keys_of(new_keys);
    store::Writing::Names pairs;
    for (std::size_t i = 0; i < names.size(); ++i) {
      pairs.emplace_back(old_names[i], names[i]);
    }
    store::copy(*source.store, *handle.store, pairs, overwrite, move);
    return with_warnings(handle, R_NilValue, std::move(source.warnings));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_delete(SEXP ptr, SEXP keys) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::vector<std::string> names = keys_of(keys);
    {
      store::Writing writing(*handle.store);
      writing.erase(names);
    }
    return with_warnings(handle, R_NilValue);
  });
}
