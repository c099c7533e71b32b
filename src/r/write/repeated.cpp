#include "r/write/repeated.h"

#include "r/vector.h"

namespace mmappickle::write {

using pickle::Extent;

bool Repeated::find(Key key, Encoded& encoded, Extent& extent) const {
  const auto found = values_.find(key);
  if (found == values_.end() || found->second.count < kOften) return false;
  encoded = found->second.encoded;
  extent = found->second.extent;
  return true;
}

void Repeated::note(Key key, const Encoded& encoded, const Extent& extent) {
  Value& value = values_[key];
  ++value.count;
  value.encoded = encoded;
  value.extent = extent;
}

Extent extent_of(SEXP x) {
  struct Level {
    SEXP list;
    R_xlen_t next;
    Extent extent;
  };
  if (TYPEOF(x) != VECSXP) return {};
  std::unordered_map<SEXP, Extent> extents;
  std::vector<Level> levels{{x, 0, Extent::container()}};
  while (true) {
    Level& top = levels.back();
    if (top.next == Rf_xlength(top.list)) {
      const Extent extent = top.extent;
      extents.emplace(top.list, extent);
      levels.pop_back();
      if (levels.empty()) return extent;
      levels.back().extent.add(extent);
      continue;
    }
    SEXP item = vector_elt(top.list, top.next++);
    const auto found = extents.find(item);
    if (TYPEOF(item) != VECSXP) {
      top.extent.add(Extent());
    } else if (found != extents.end()) {
      top.extent.add(found->second);
    } else {
      levels.push_back({item, 0, Extent::container()});
    }
  }
}

}  // namespace mmappickle::write
