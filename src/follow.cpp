// Following a file; see R/follow.R.
#include "core/store/follow.h"

#include <cmath>

#include "r/text.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// The number of each change's word in R/follow.R, named by the key: NA where it has none.
SEXP change_vector(const std::vector<store::KeyChange>& changes) {
  return protect([&] {
    const auto n = static_cast<R_xlen_t>(changes.size());
    SEXP kinds = PROTECT(Rf_allocVector(INTSXP, n));
    SEXP keys = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t i = 0; i < n; ++i) {
      const store::KeyChange& change = changes[static_cast<std::size_t>(i)];
      INTEGER(kinds)[i] = static_cast<int>(change.kind) + 1;
      SET_STRING_ELT(keys, i,
                     change.kind == store::KeyChange::written
                         ? NA_STRING
                         : r_text(mmappickle::Bytes(std::string_view(change.key))));
    }
    Rf_setAttrib(kinds, R_NamesSymbol, keys);
    UNPROTECT(2);
    return kinds;
  });
}

SEXP text_vector(const std::string& text) { return character_vector({text}); }

}  // namespace

// What changed since the last call. Where the lock does not come within `left` seconds:
// nothing, yet.
// [[Rcpp::export(rng = false)]]
SEXP store_follow(SEXP ptr, double left, double patience) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    if (!handle.follower) {
      handle.follower = std::make_unique<store::Follower>(*handle.store);
    }
    const std::vector<store::KeyChange> changes =
        handle.follower->look(std::isfinite(left) ? left : -1, patience);
    return with_warnings(handle, change_vector(changes));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP store_state(SEXP ptr) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    os::SystemCalls& system = handle.system ? *handle.system : os::real_system_calls();
    return text_vector(store::state_of_file(handle.store->path(), system));
  });
}

// [[Rcpp::export(rng = false)]]
SEXP file_state(SEXP path) {
  return enter([&] { return text_vector(store::state_of_file(system_path(path))); });
}
