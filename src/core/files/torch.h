// What torch.save() writes since version 1.6: a zip archive of a pickle (data.pkl), in
// which storages are persistent ids, and the storages beside it, as they are (data/0,
// data/1 ...).
#pragma once

#include <vector>

#include "../pickle/tree.h"
#include "zip.h"

namespace mmappickle::files {

// The member that is the pickle; null if these are no such file's members.
const ZipMember* pickle_of_torch(const std::vector<ZipMember>& members);

// Tensors, parameters and storages in the tree of that pickle become arrays, in NumPy's
// spelling, of the bytes in their members. What NumPy has no counterpart for (bfloat16,
// quantized and sparse tensors, strides that are neither C's nor Fortran's) stays as it
// is. Error of kind format for what does not fit its storage.
void put_tensors(pickle::Tree& tree, const std::vector<ZipMember>& members);

}  // namespace mmappickle::files
