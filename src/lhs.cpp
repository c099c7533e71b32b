// The left-hand side of nested assignments; see R/lhs.R.
#include "core/numpy/recognise.h"
#include "core/python/classes.h"
#include "r/own.h"
#include "r/read/entries.h"
#include "r/read/read.h"
#include "r/slice/array_entry.h"
#include "r/text.h"
#include "r/values.h"
#include "r/vector.h"
#include "r/view/view.h"
#include "results.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

// The companion of an lhs view: of what entry it is, and its attributes as it was given
// out.
enum : R_xlen_t { kHandle, kKey, kAttributes };

// As the attributes of a list. R API: inside protect().
SEXP attributes_of(SEXP x) {
  SEXP out = PROTECT(Rf_allocVector(VECSXP, 0));
  SHALLOW_DUPLICATE_ATTRIB(out, x);
  UNPROTECT(1);
  return out;
}

SEXP new_companion(SEXP m, SEXP key, SEXP view) {
  const char* names[] = {"handle", "key", "attributes", ""};
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, kHandle, m);
  SET_VECTOR_ELT(out, kKey, key);
  SET_VECTOR_ELT(out, kAttributes, attributes_of(view));
  UNPROTECT(1);
  return out;
}

bool is_identical(SEXP a, SEXP b) {
  constexpr int kDefaults = 16;  // of R's identical()
  return a == b || R_compute_identical(a, b, kDefaults);
}

// R copies the object, but not the environment of its fields.
bool is_same_handle(SEXP a, SEXP b) {
  static SEXP const kFields = Rf_install("fields");
  SEXP fields = Rf_getAttrib(a, kFields);
  return TYPEOF(fields) == ENVSXP && fields == Rf_getAttrib(b, kFields);
}

// A list, tuple, set, dict (of whatever class), array or bytearray: what it is may stay
// when it is changed.
bool keeps_kind(store::Loaded& loaded) {
  if (loaded.is_array) return true;
  const pickle::Tag tag = loaded.tree[loaded.value].tag;
  if (tag != pickle::Tag::object) {
    return pickle::is_container(tag) || tag == pickle::Tag::byte_array;
  }
  numpy::Recogniser numpy(loaded.tree);
  if (numpy.recognise(loaded.value).found == numpy::Found::array) return true;
  const python::Recognised known =
      python::Recogniser(loaded.tree, numpy).recognise(loaded.value);
  return known.kind == python::Recognised::same;
}

}  // namespace

// The value for a nested assignment, with an external pointer to its Origin as attribute
// "mmappickle_origin" where it is a container or an array.
// [[Rcpp::export(rng = false)]]
SEXP store_get_nested(SEXP ptr, SEXP key, int flags, SEXP readers) {
  return enter([&] {
    Handle& handle = handle_of(ptr);
    const std::string name = key_of(key);
    std::unique_ptr<Origin> origin;
    bool has_kind = false;
    Warnings warnings;
    Shield value(read_entry(*handle.store, name, [&](Entries::One& one) {
      warnings.clear();
      has_kind = keeps_kind(one.loaded);
      origin = std::make_unique<Origin>();
      origin->loaded = std::move(one.loaded);
      return decode(*origin, one.watch, handle.store->path(), name, Flags(flags), readers,
                    warnings);
    }));
    // Of other classes attributes may be anybody's business.
    const bool is_data = !Rf_isObject(value) || Rf_inherits(value, "data.frame") ||
                         Rf_inherits(value, "python_dict") ||
                         meaning_of(value) != numpy::Meaning::plain;
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
    return read_entry(*handle.store, name, [&](Entries::One& one) {
      auto origin = std::make_unique<Origin>();
      origin->loaded = std::move(one.loaded);
      return pointer_to(std::move(origin), R_NilValue);
    });
  });
}

// A mutable view of an array entry, of class mmappickle_lhs; NULL for any other entry.
// [[Rcpp::export(rng = false)]]
SEXP lhs_view(SEXP m, SEXP key) {
  return enter([&]() -> SEXP {
    const Own own = own_of(m);
    const Shield pointer(own.pointer);
    const Flags& flags = own.flags;
    Handle& handle = handle_of(pointer);
    const std::string name = key_of(key);
    if (handle.store->readonly()) store::Writing refused(*handle.store);
    Warnings warnings;
    SEXP view = read_entry(*handle.store, name, [&](Entries::One& one) {
      if (!array_of(one.loaded, flags).is_array) return R_NilValue;
      return decode(one.loaded, one.watch, handle.store->path(), name, flags, R_NilValue,
                    warnings, true);
    });
    Shield kept(view);
    if (!view_of(view)) return R_NilValue;
    protect([&] {
      SEXP old = Rf_getAttrib(view, R_ClassSymbol);
      const R_xlen_t n = Rf_xlength(old);
      SEXP classes = PROTECT(Rf_allocVector(STRSXP, n + 1));
      SET_STRING_ELT(classes, 0, Rf_mkChar("mmappickle_lhs"));
      for (R_xlen_t i = 0; i < n; ++i) SET_STRING_ELT(classes, i + 1, string_elt(old, i));
      Rf_setAttrib(view, R_ClassSymbol, classes);
      set_companion(view, new_companion(m, key, view));
      UNPROTECT(1);
      return R_NilValue;
    });
    return view;
  });
}

// [[Rcpp::export(rng = false)]]
SEXP lhs_companion(SEXP x) { return view_of(x) ? companion_of(x) : R_NilValue; }

// Whether `value` is the lhs view of that entry as it was given out: then its elements
// are in the file, and there is nothing else to store. FALSE if its attributes are others
// by now, NULL for any other value.
// [[Rcpp::export(rng = false)]]
SEXP lhs_is_written(SEXP m, SEXP key, SEXP value) {
  return enter([&]() -> SEXP {
    if (!Rf_inherits(value, "mmappickle_lhs") || !view_of(value)) return R_NilValue;
    SEXP own = companion_of(value);
    if (own == R_NilValue) return R_NilValue;
    return protect([&] {
      if (!is_same_handle(vector_elt(own, kHandle), m) ||
          !is_identical(vector_elt(own, kKey), key)) {
        return R_NilValue;
      }
      SEXP now = PROTECT(attributes_of(value));
      const bool same = is_identical(vector_elt(own, kAttributes), now);
      UNPROTECT(1);
      return Rf_ScalarLogical(same);
    });
  });
}
