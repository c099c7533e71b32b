// joblib's dumps: pickles in which the bytes of each array stand raw behind an object
// that describes it, so that joblib can map them.
//
//     ... NumpyArrayWrapper, BUILD with {"subclass", "shape", "order", "dtype",
//     "allow_mmap"[, "numpy_array_alignment_bytes"]}, then, no opcodes:
//     the number of padding bytes, one byte, and these (if the last one says a number);
//     the elements, in C's or Fortran's order; or, of objects, a pickle of the array
//
// Each wrapper becomes the array in the spelling of NumPy's own pickles, its data
// borrowed from where they stand: whoever looks at the tree afterwards finds a pickle
// like others.
#pragma once

#include "../pickle/reader.h"
#include "recognise.h"

namespace mmappickle::numpy {

// For one pickle. Borrows the tree. Error of kind format for a wrapper whose words do not
// fit the bytes, and for those of joblib 0.9 and older, whose arrays are in other files.
class JoblibArrays {
 public:
  explicit JoblibArrays(pickle::Tree& tree) : tree_(tree), recogniser_(tree) {}

  // What read_pickle() asks. Borrows this object.
  pickle::ReadBehind reader();

 private:
  bool read(pickle::Id object, Bytes behind, std::uint64_t offset, std::uint64_t& size);
  std::uint64_t read_elements(pickle::Id object, pickle::Id state, const Dtype& dtype,
                              Bytes behind, std::uint64_t offset);

  pickle::Tree& tree_;
  Recogniser recogniser_;
};

}  // namespace mmappickle::numpy
