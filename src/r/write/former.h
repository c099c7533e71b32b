// Nested assignment where an array stood: the new value is stored as an array of the same
// dtype while it fits that and R reads the same value back. R API: enters protect()
// itself.
#pragma once

#include <optional>
#include <unordered_map>

#include "core/numpy/recognise.h"
#include "r/origin.h"
#include "r/write/plan.h"

namespace mmappickle::write {

class FormerArrays {
 public:
  // Once begin_nested() has taken the tree.
  FormerArrays(Context& context, const Origin& origin);

  pickle::Id root() const {
    return root_;
  }  // the whole value: what its parts' origins are
  bool is_array(pickle::Id origin) { return at(origin) != nullptr; }
  // False: x is to be stored by the plain rules.
  bool plan(SEXP x, SEXP attributes, pickle::Id origin, Plan& plan);

 private:
  const numpy::Array* at(pickle::Id origin);
  bool plan_objects_again(SEXP x, SEXP attributes, const numpy::Array& former,
                          Plan& plan);

  Context& context_;
  pickle::Id root_;
  numpy::Recogniser recogniser_;
  std::unordered_map<pickle::Id, std::optional<numpy::Array>> known_;
};

}  // namespace mmappickle::write
