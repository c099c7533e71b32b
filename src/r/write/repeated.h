// Values that are in many places, and how large they make the whole.
#pragma once

#include <unordered_map>

#include "core/pickle/extent.h"
#include "r/write/context.h"

namespace mmappickle::write {

// Of lists in lists, as R has them. R API: enters protect() itself.
pickle::Extent extent_of(SEXP x);

// R's values are values: each place gets one of its own. But what is in very many places
// (lists within lists, each twice, say) is shared.
class Repeated {
 public:
  using Key = std::uintptr_t;
  // By identity; code may be in an attribute only. 0 is no key.
  static Key key(SEXP x, bool in_attribute) {
    return reinterpret_cast<std::uintptr_t>(x) | (in_attribute ? 1u : 0u);
  }
  bool find(Key key, Encoded& encoded, pickle::Extent& extent) const;
  void note(Key key, const Encoded& encoded, const pickle::Extent& extent);

 private:
  static constexpr std::uint32_t kOften = 1000;
  struct Value {
    std::uint32_t count = 0;
    Encoded encoded;
    pickle::Extent extent;
  };
  std::unordered_map<Key, Value> values_;
};

}  // namespace mmappickle::write
