// The left-hand side of nested assignments; see R/lhs.R.
#include "core/numpy/recognise.h"
#include "core/python/classes.h"
#include "r/own.h"
#include "r/read/entries.h"
#include "r/read/read.h"
#include "r/slice/array_entry.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/view.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// A list, tuple, set, dict (of whatever class) or array: what it is may stay when it is
// changed.
bool keeps_kind(store::Loaded& loaded) {
  if (loaded.is_array) return true;
  const pickle::Tag tag = loaded.tree[loaded.value].tag;
  if (tag != pickle::Tag::object) return pickle::is_container(tag);
  numpy::Recogniser numpy(loaded.tree);
  if (numpy.recognise(loaded.value).found == numpy::Found::array) return true;
  const python::Recognised known =
      python::Recogniser(loaded.tree, numpy).recognise(loaded.value);
  return known.kind == python::Recognised::same &&
         pickle::is_container(loaded.tree[known.node].tag);
}

}  // namespace

// The value for a nested assignment, with an external pointer to its Origin as attribute
// "mmappickle_origin" where it is a container or an array.
// [[Rcpp::export(rng = false)]]
SEXP store_get_nested(SEXP ptr, SEXP key, int flags) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    std::unique_ptr<Origin> origin;
    bool has_kind = false;
    Warnings warnings;
    Shield value(read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      warnings.clear();
      has_kind = keeps_kind(loaded);
      origin = std::make_unique<Origin>();
      origin->loaded = std::move(loaded);
      return decode(*origin, handle.store->path(), name, Flags(flags), warnings);
    }));
    // Of other classes attributes may be anybody's business.
    const bool is_data = !Rf_isObject(value) || Rf_inherits(value, "data.frame");
    if (has_kind && is_data) give_origin(std::move(origin), value);
    return with_warnings(handle, value, warnings);
  });
}

// An external pointer to the Origin of an array entry whose view was changed.
// [[Rcpp::export(rng = false)]]
SEXP store_origin(SEXP ptr, SEXP key) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    return read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      auto origin = std::make_unique<Origin>();
      origin->loaded = std::move(loaded);
      return pointer_to(std::move(origin), R_NilValue);
    });
  });
}

// A mutable view of an array entry, of class mmappickle_lhs; NULL for any other entry.
// [[Rcpp::export(rng = false)]]
SEXP lhs_view(SEXP m, SEXP key, SEXP companion) {
  return enter([&]() -> SEXP {
    const Own own = own_of(m);
    const Shield pointer(own.pointer);
    const Flags& flags = own.flags;
    Handle& handle = handle_of(pointer);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    SEXP view = read_entry(*handle.store, name, [&](store::Loaded& loaded) {
      if (!array_of(loaded, flags).is_array) return R_NilValue;
      return decode(loaded, handle.store->path(), name, flags, R_NilValue, warnings,
                    true);
    });
    Shield kept(view);
    if (!view_of(view)) return R_NilValue;
    protect([&] {
      set_companion(view, companion);
      SEXP old = Rf_getAttrib(view, R_ClassSymbol);
      const R_xlen_t n = Rf_xlength(old);
      SEXP classes = PROTECT(Rf_allocVector(STRSXP, n + 1));
      SET_STRING_ELT(classes, 0, Rf_mkChar("mmappickle_lhs"));
      for (R_xlen_t i = 0; i < n; ++i) SET_STRING_ELT(classes, i + 1, string_elt(old, i));
      Rf_setAttrib(view, R_ClassSymbol, classes);
      UNPROTECT(1);
      return R_NilValue;
    });
    return view;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP lhs_companion(SEXP x) { return view_of(x) ? companion_of(x) : R_NilValue; }
