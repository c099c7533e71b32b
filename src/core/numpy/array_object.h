// An array in the spelling of NumPy's own pickles, for what is one in some other
// spelling.
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::numpy {

// numpy.core.multiarray._reconstruct(subclass, (0,), b"b") and the state of it: a shape
// (a tuple), a dtype, the order, and the data, which are borrowed.
inline pickle::Id array_object(pickle::Tree& tree, pickle::Id subclass, pickle::Id shape,
                               pickle::Id dtype, bool fortran, Bytes data) {
  using pickle::Tag;
  const pickle::Id empty = tree.container(Tag::tuple, {tree.integer(0)});
  const pickle::Id arguments =
      tree.container(Tag::tuple, {subclass, empty, tree.bytes(Bytes("b"))});
  const pickle::Id object = tree.object(
      pickle::How::call, tree.global("numpy.core.multiarray", "_reconstruct"), arguments);
  tree.extra(object).state = tree.container(
      Tag::tuple,
      {tree.integer(1), shape, dtype, tree.boolean(fortran), tree.bytes(data)});
  return object;
}

}  // namespace mmappickle::numpy
