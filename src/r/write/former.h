// Nested assignment where an array stood, or an OrderedDict, a bytearray and the like:
// the new value is stored as one, an array of the same dtype, while it fits that and R
// reads the same value back. R API: enters protect() itself.
#pragma once

#include <optional>
#include <unordered_map>

#include "core/numpy/recognise.h"
#include "core/python/classes.h"
#include "r/origin.h"
#include "r/write/plan.h"

namespace mmappickle::write {

class Former {
 public:
  // Once begin_nested() has taken the tree.
  Former(Context& context, const Origin& origin);

  pickle::Id root() const {
    return root_;
  }  // the whole value: what its parts' origins are
  bool is_array(pickle::Id origin) { return at(origin) != nullptr; }
  // A part that was left alone: true, and its node.
  bool is_unchanged(const Part& part, Encoded& out);
  // False: x is to be stored by the plain rules.
  bool plan(SEXP x, SEXP attributes, pickle::Id origin, Plan& plan);

  // The list, dict, array or bytes that an object is but for its class; else `origin`.
  pickle::Id plain_of(pickle::Id origin);
  // The plan makes an object of that class then, if it makes a `plain` one.
  void keep_class(pickle::Id origin, pickle::Id plain, Plan& plan);

 private:
  const numpy::Array* at(pickle::Id origin);
  void make_again(pickle::Id origin, Encoded& container);
  bool plan_left(SEXP x, SEXP attributes, pickle::Id origin, Plan& plan);
  void find_origins(const numpy::Array& objects, std::vector<Part>& items);
  bool plan_objects_again(SEXP x, SEXP attributes, const numpy::Array& former,
                          Plan& plan);

  Context& context_;
  const Origin& origin_;
  pickle::Id root_;
  numpy::Recogniser recogniser_;
  python::Recogniser python_;
  std::unordered_map<pickle::Id, std::optional<numpy::Array>> known_;
};

}  // namespace mmappickle::write
