// Shapes and dtypes in the forms of arrays: the opcodes of one object each.
#pragma once

#include "../base/output.h"
#include "array.h"

namespace mmappickle::numpy {

// A tuple.
void put_shape(Output& output, const Shape& shape);
// numpy.dtype(...)
void put_dtype(Output& output, const Dtype& dtype);
// That of the mask: bool, or of a structured dtype a bool for each of its fields.
Dtype mask_dtype(const Dtype& dtype);

}  // namespace mmappickle::numpy
