#include "joblib.h"

#include "../base/error.h"
#include "array_object.h"

namespace mmappickle::numpy {
namespace {

using pickle::Call;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

[[noreturn]] void fail(const std::string& what, std::uint64_t offset) {
  throw Error(
      ErrorKind::format,
      "Invalid dump of joblib: " + what + " (at offset " + std::to_string(offset) + ").",
      "The bytes may be damaged, or cut off.", offset);
}

// joblib's own, and of the copy that scikit-learn shipped until version 0.22. (Those of
// joblib 0.9 and older, NDArrayWrapper and ZNDArrayWrapper, have their data in files
// beside them: they stay objects.)
bool is_wrapper(const pickle::Tree& tree, Id object) {
  const Id cls = Call(tree, object).instance_of();
  return cls != kNoId &&
         (tree.is_global(cls, "joblib.numpy_pickle", "NumpyArrayWrapper") ||
          tree.is_global(cls, "sklearn.externals.joblib.numpy_pickle",
                         "NumpyArrayWrapper"));
}

}  // namespace

pickle::ReadBehind JoblibArrays::reader() {
  return [this](Id object, Bytes behind, std::uint64_t offset, std::uint64_t& size) {
    return read(object, behind, offset, size);
  };
}

bool JoblibArrays::read(Id object, Bytes behind, std::uint64_t offset,
                        std::uint64_t& size) {
  if (!is_wrapper(tree_, object)) return false;
  const Id state = Call(tree_, object).after().state;
  const Id described = member(tree_, state, "dtype");
  Dtype dtype;
  if (described == kNoId || !recogniser_.dtype(described, dtype)) {
    fail("the dtype of an array is not known", offset);
  }
  if (has_objects(dtype)) {
    const pickle::Pickle nested = pickle::read_pickle(tree_, behind, offset);
    tree_.become(object, nested.root);
    size = nested.consumed;
  } else {
    size = read_elements(object, state, dtype, behind, offset);
  }
  return true;
}

std::uint64_t JoblibArrays::read_elements(Id object, Id state, const Dtype& dtype,
                                          Bytes behind, std::uint64_t offset) {
  const Id shape = member(tree_, state, "shape"), order = member(tree_, state, "order");
  const Id padded = member(tree_, state, "numpy_array_alignment_bytes");
  Shape extents;
  Strides strides;
  std::uint64_t padding = 0, bytes = 0;
  if (shape == kNoId || !recogniser_.shape(shape, extents)) {
    fail("the shape of an array is not a tuple of sizes", offset);
  }
  const bool fortran = order != kNoId && tree_.is_text(order, "F");
  if (!fortran && (order == kNoId || !tree_.is_text(order, "C"))) {
    fail("the order of an array is neither C's nor Fortran's", offset);
  }
  if (padded != kNoId && tree_[padded].tag != Tag::none) {
    if (!behind.holds(0, 1)) fail("an array's padding is missing", offset);
    padding = std::uint64_t{1} + behind[0];
  }
  if (!contiguous_strides(extents, dtype.itemsize, fortran, strides, bytes) ||
      !behind.holds(padding, bytes)) {
    fail("an array has more elements than there are bytes", offset);
  }
  Id subclass = member(tree_, state, "subclass");
  // As joblib has it: what was mapped is an array.
  if (subclass == kNoId || tree_.is_global(subclass, "numpy", "memmap") ||
      tree_.is_global(subclass, "numpy.core.memmap", "memmap")) {
    subclass = tree_.global("numpy", "ndarray");
  }
  tree_.become(object, array_object(tree_, subclass, shape, member(tree_, state, "dtype"),
                                    fortran, behind.slice(padding, bytes)));
  return padding + bytes;
}

}  // namespace mmappickle::numpy
