// One item of S or U on its way to a file; decode_string() in kernels.h is the way back.
#pragma once

#include "kernels.h"

namespace mmappickle::numpy {

// `dtype` is S or U. So many bytes this text takes in an item.
std::uint64_t text_size(const Dtype& dtype, Bytes utf8);
// Only valid UTF-8 without NUL comes back as it went in.
CastError check_string(const Dtype& dtype, Bytes utf8);
// Pads with zeros. `utf8` has passed check_string().
void encode_string(const Dtype& dtype, Bytes utf8, std::uint8_t* to);

}  // namespace mmappickle::numpy
