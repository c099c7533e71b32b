// Shapes and dtypes in the forms of arrays: the opcodes of one object each.
#pragma once

#include "../base/output.h"
#include "array.h"

namespace mmappickle::numpy {

// A tuple.
void put_shape(Output& output, const Shape& shape);
// text(dtype), in which a name without "<" or ">" is for Python the machine's order: on a
// big-endian machine, where it is not ours, the order is always said.
std::string written_name(const Dtype& dtype);
// numpy.dtype(...)
void put_dtype(Output& output, const Dtype& dtype);
// That of the mask: bool, or of a structured dtype a bool for each of its fields.
Dtype mask_dtype(const Dtype& dtype);

}  // namespace mmappickle::numpy
