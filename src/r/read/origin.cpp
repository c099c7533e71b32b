// A value and which node of the file each of its parts is, for nested assignment.
#include <unordered_map>

#include "r/read/decode.h"
#include "r/vector.h"
#include "r/view/entry_watch.h"
#include "r/view/view.h"

namespace mmappickle {

SEXP decode(Origin& origin, const std::string& path, const std::string& key,
            const Flags& flags, Warnings& warnings) {
  store::Loaded& loaded = origin.loaded;
  Decoder decoder(loaded, path, key, flags, R_NilValue, warnings, EntryWatch::of(loaded));
  std::unordered_map<SEXP, pickle::Id> nodes;
  decoder.note_nodes(&nodes);
  return protect([&] {
    SEXP value = decoder.run(loaded.value, loaded.metadata,
                             loaded.is_array ? &loaded.array : nullptr, false);
    PROTECT(value);
    // Only what is part of the value lives on: addresses of others may be used again.
    std::vector<SEXP>& left = origin.left;
    left.push_back(value);
    while (!left.empty()) {
      SEXP x = left.back();
      left.pop_back();
      const auto found = nodes.find(x);
      if (found != nodes.end()) {
        const bool array = TYPEOF(x) != VECSXP && view_of(x) != nullptr;
        const bool cut = TYPEOF(x) == VECSXP && Rf_inherits(x, "python_object") &&
                         Rf_getAttrib(x, Rf_install("pickle")) == R_NilValue;
        if (x != R_NilValue && !array && !cut) origin.nodes.insert(*found);
        nodes.erase(found);
        if (TYPEOF(x) == VECSXP) {
          for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) left.push_back(vector_elt(x, i));
        }
      }
    }
    UNPROTECT(1);
    return value;
  });
}

}  // namespace mmappickle
