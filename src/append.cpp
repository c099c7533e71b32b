// Rows added to arrays; see R/append.R.
#include "r/slice/append.h"

#include "r/own.h"
#include "r/text.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// With the key and the file in what goes wrong.
template <class Body>
SEXP enter_append(SEXP m, SEXP key, Body&& body) {
  return enter([&] {
    const Own own = own_of(m);
    const Shield pointer(own.pointer);
    Handle& handle = handle_of(pointer);
    const std::string name = key_of(key);
    Warnings warnings;
    try {
      const bool done = body(handle, name, own.flags, warnings);
      return with_warnings(handle, flag(done), warnings);
    } catch (Error& error) {
      if (error.key.empty()) error.key = name;
      if (error.path.empty()) error.path = handle.store->path();
      throw;
    }
  });
}

}  // namespace

// False: there is no such key.
// [[Rcpp::export(rng = false)]]
SEXP store_append(SEXP m, SEXP key, SEXP value, SEXP dims, double along) {
  return enter_append(
      m, key,
      [&](Handle& handle, const std::string& name, const Flags& flags, Warnings&) {
        return append(handle, {name, value, dims, along, flags});
      });
}

// False: there is such a key.
// [[Rcpp::export(rng = false)]]
SEXP store_append_first(SEXP m, SEXP key, SEXP x, double along) {
  return enter_append(m, key,
                      [&](Handle& handle, const std::string& name, const Flags& flags,
                          Warnings& warnings) {
                        return append_first(handle, name, x, along, flags, warnings);
                      });
}
