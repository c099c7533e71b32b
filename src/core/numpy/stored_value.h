// A value that is to be stored: a tree, and the arrays in it with where their bytes come
// from. Made by the caller before any lock is taken; writing it runs no foreign code.
#pragma once

#include <functional>
#include <memory>

#include "../base/source.h"
#include "array.h"

namespace mmappickle::numpy {

struct NewArray {
  Dtype dtype;
  Shape shape;           // as Python is to see it
  bool fortran = false;  // as are `data` and `mask`; `objects` are never
  std::shared_ptr<const Source>
      data;  // itemsize x product of shape bytes; not for object
  std::shared_ptr<const Source> mask;  // null: not masked
  pickle::Id objects = pickle::kNoId;  // dtype object: a list node, C order
  // Masked: the fill value as NumPy's own state has it, None or an array of rank 0 (a
  // Tag::array node); of one that grows a plain value, too. kNoId: the array has none of
  // its own.
  pickle::Id fill = pickle::kNoId;
  // Of an entry's own value alone, neither Fortran-ordered nor of objects, of rank 1 or
  // more: grows in place along its first axis, by as many as `room`.
  bool grows = false;
  std::uint64_t room = 0;
};

struct StoredValue {
  StoredValue() = default;
  explicit StoredValue(const std::function<void()>& poll) : tree(poll) {}
  pickle::Tree tree;
  pickle::Id value = pickle::kNoId;
  pickle::Id metadata = pickle::kNoId;  // the dict of R metadata, or none
  std::vector<NewArray> arrays;         // Tag::array nodes name them by number
  std::shared_ptr<void> owner;          // keeps alive what the others borrow
  // May be empty. Called when all is written and nothing shows yet: throws if what is
  // borrowed has changed meanwhile.
  std::function<void()> confirm;

  // Where these are not empty they are written, byte for byte, and the tree is not:
  Bytes opcodes;           // for the value; of Placement::anywhere (pickle/reader.h)
  std::uint32_t memo = 0;  // one more than the highest slot that they use
  Bytes pickle;            // for all of it, as a pickle of its own
};

}  // namespace mmappickle::numpy
