// A value that is to be stored: a tree, and the arrays in it with where their bytes come
// from. Made by the caller before any lock is taken; writing it runs no foreign code.
#pragma once

#include <memory>

#include "../base/source.h"
#include "array.h"

namespace mmappickle::numpy {

struct NewArray {
  Dtype dtype;
  Shape shape;           // as Python is to see it
  bool fortran = false;  // `data` and `mask` are in Fortran order
  std::shared_ptr<const Source>
      data;  // itemsize x product of shape bytes; not for object
  std::shared_ptr<const Source> mask;  // null: not masked
  pickle::Id objects = pickle::kNoId;  // dtype object: a list node, C order
};

struct Recipe {
  pickle::Tree tree;
  pickle::Id value = pickle::kNoId;
  pickle::Id metadata = pickle::kNoId;  // the dict of R metadata, or none
  std::vector<NewArray> arrays;         // Tag::array nodes name them by number
  std::shared_ptr<void> owner;          // keeps alive what the others borrow
};

}  // namespace mmappickle::numpy
