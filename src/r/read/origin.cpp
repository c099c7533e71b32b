// The value that a nested assignment begins with, and which node each part of it is.
#include "r/build.h"
#include "r/read/builder.h"
#include "r/read/read.h"
#include "r/vector.h"

namespace mmappickle {

namespace {

// The keys and values of a python_dict are its parts: the two lists of them are no nodes.
void push_parts(SEXP x, std::vector<SEXP>& left) {
  const bool is_dict = Rf_inherits(x, "python_dict");
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP part = vector_elt(x, i);
    if (is_dict && TYPEOF(part) == VECSXP) {
      for (R_xlen_t j = 0; j < Rf_xlength(part); ++j) left.push_back(vector_elt(part, j));
    } else {
      left.push_back(part);
    }
  }
}

}  // namespace

SEXP decode(Origin& origin, std::shared_ptr<const Watch> watch, const std::string& path,
            const std::string& key, const Flags& flags, SEXP readers,
            Warnings& warnings) {
  store::Loaded& loaded = origin.loaded;
  Builder builder(loaded, std::move(watch), path, key, flags, readers);
  builder.make_plans();
  std::unordered_map<SEXP, pickle::Id> nodes;
  SEXP out = protect([&] {
    SEXP value = PROTECT(builder.run(false, &nodes));
    // Only what is part of the value lives on: addresses of others may be used again.
    std::vector<SEXP>& left = origin.left;
    left.push_back(value);
    while (!left.empty()) {
      SEXP x = left.back();
      left.pop_back();
      const auto found = nodes.find(x);
      if (found != nodes.end()) {
        const bool cut = TYPEOF(x) == VECSXP && Rf_inherits(x, "python_object") &&
                         Rf_getAttrib(x, Rf_install("pickle")) == R_NilValue;
        // The columns of pandas' blocks have nodes that are no file's.
        const bool of_file = found->second != pickle::kNoId &&
                             loaded.tree[found->second].tag != pickle::Tag::array;
        if (x != R_NilValue && !cut && of_file) origin.nodes.insert(*found);
        nodes.erase(found);
        if (TYPEOF(x) == VECSXP) push_parts(x, left);
      }
    }
    UNPROTECT(1);
    return value;
  });
  builder.warn(warnings);
  return out;
}

}  // namespace mmappickle
