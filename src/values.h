// Values: from what a file holds to R, and from R to what a file is to hold.
#pragma once

#include <unordered_map>

#include "core/numpy/recipe.h"
#include "entry_watch.h"
#include "glue.h"

namespace mmappickle {

// What a nested assignment (m[["k"]]$a[2] <- v) began with: the entry, and which node of
// it each part of its R value stands for. What the assignment leaves alone is written as
// that node, and what it changes keeps its kind (list, tuple, set) where it still fits.
struct Origin {
  store::Loaded loaded;
  std::unordered_map<SEXP, pickle::Id> nodes;  // of values that are alive
  std::vector<SEXP> left;                      // only while it is made
};

// Entries that were loaded under one lock.
class Entries {
 public:
  Entries(store::Store& store, bool all, std::vector<std::string>& names);
  std::vector<store::Loaded> loaded;  // may be moved from
  // False if the bytes of one were moved since.
  bool stand() const;

 private:
  store::Store& store_;
  std::vector<std::shared_ptr<const EntryWatch>> watches_;
};

// -- from the file to R (decode_*.cpp) --------------------------------------------------
// The R value of an entry, R metadata applied. Arrays become views. The lock may be gone:
// `loaded` keeps the bytes. Iterative; nodes that are shared become shared R objects; a
// cycle is cut by a python_object that says so.
// With `keep_mutable` the view of an array is not sealed (the left-hand side of a nested
// assignment).
//
// `readers`: NULL, or a list of R functions named by Python class ("module.Class"), each
// called on the inert python_object of that class; what it gives stands in its place.
SEXP decode(store::Loaded& loaded, const std::string& path, const std::string& key,
            const Flags& flags, SEXP readers, Warnings& warnings,
            bool keep_mutable = false);
// The same of bytes that `watch` is asked about; null: nothing stays in the file.
SEXP decode(store::Loaded& loaded, std::shared_ptr<const Watch> watch,
            const std::string& path, const std::string& key, const Flags& flags,
            SEXP readers, Warnings& warnings, bool keep_mutable = false);
// The same, with the parts' nodes noted in `origin`.
SEXP decode(Origin& origin, const std::string& path, const std::string& key,
            const Flags& flags, Warnings& warnings);

// An array whose elements lie in no file, as R has it: copied.
SEXP decode_elements(const numpy::Array& array, const std::string& path,
                     const std::string& key, const Flags& flags, Warnings& warnings);

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
      Rcpp::Shield<SEXP> value(use(entries.loaded));
      if (entries.stand()) return value;
    } catch (const Error&) {
      if (entries.stand()) throw;
    }
  }
  throw Error(ErrorKind::stale, "entries were moved again and again while they were read",
              "Try again when the other processes have finished.");
}
template <class Use>
SEXP read_entry(store::Store& store, const std::string& key, Use&& use) {
  std::vector<std::string> names{key};
  return read_entries(store, false, names, [&](std::vector<store::Loaded>& loaded) {
    return use(loaded.front());
  });
}

// -- from R to the file (encode_*.cpp) --------------------------------------------------
// What stores x. Borrows x's memory:
// x must stay protected until the recipe is written. Error `unsupported` or `value` names
// the path inside x ("x$a[[2]]"). Attributes that cannot be stored are left out, with a
// warning of kind `dropped`. Runs R code (methods of as_python()): no lock may be held.
// `origin` (may be null) is used up.
numpy::Recipe encode(SEXP x, const Flags& flags, Warnings& warnings,
                     Origin* origin = nullptr);

// What stands along the dimensions (dim, dim names), the other way round: the items and
// their names; other attributes as they are. R API.
SEXP reversed(SEXP x);

// The R vector type of decoded elements, and the pointer that kernels fill.
int sexp_type(numpy::RType type);
void* data_pointer(SEXP x);

// R values of any atomic type as what kernels take; strings are translated to UTF-8 into
// `strings` (latin1 and native converted; invalid: Error value). Dates and the like by
// their class, or plain numbers.
numpy::RValues r_values(SEXP x, std::vector<Bytes>& strings,
                        std::deque<std::string>& kept, bool plain = false);

}  // namespace mmappickle
