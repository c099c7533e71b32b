// NumPy's array files (NEP 1; versions 1.0, 2.0, 3.0 of the format): a magic string, a
// header that is a Python dict, and the elements, or a pickle of the array where these
// are objects.
#pragma once

#include "../base/output.h"
#include "../numpy/array.h"

namespace mmappickle::files {

struct Npy {
  numpy::Array array;    // its data point into the file; not for objects
  bool objects = false;  // the array is what a pickle says, which begins at `data`
  std::uint64_t data = 0, end = 0;  // offsets; `end` not for objects
};

// Headers are NumPy's own in a few hundred bytes; a structured dtype of thousands of
// fields takes more. A longer one is refused.
constexpr std::uint64_t kLongestHeader = 1 << 20;

// The file at the front of `bytes`. Error of kind format for what is none, or lies.
Npy read_npy(Bytes bytes);

// The head of one, up to the first element, which stands at a multiple of 64. Error of
// kind value for a structured dtype that no list of fields describes.
void put_npy_head(Output& output, const numpy::Dtype& dtype, const numpy::Shape& shape,
                  bool fortran);

}  // namespace mmappickle::files
