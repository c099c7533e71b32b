// NumPy's arrays as Arrow's, by the C data interface: in their own type, without a copy
// where the bytes are Arrow's, too.
#pragma once

#include <functional>
#include <memory>

#include "../numpy/array.h"
#include "c_data.h"

namespace mmappickle::arrow {

// What the elements become. `none`: nothing here; R's values are to be converted.
enum class Elements : std::uint8_t {
  none,
  boolean,  // bits: made
  number,   // integers and floating-point numbers of 1 to 8 bytes
  time,     // timestamps and durations of the units s, ms, us, ns; NaT is null
  bytes,    // of fixed size: V
};
Elements elements_of(const numpy::Dtype& dtype);

// Fills in `out`, for elements_of() that is not none. The first axis becomes the array,
// each other one a list of fixed size; an array of rank 0 has one element. Elements in
// the host's byte order, in C order and aligned stay where they are, and others are
// copied so; what is masked, or NaT, is null by a bitmap that is made. `array` is
// borrowed until `out` is released: `owner`, let go of in whatever thread that happens,
// keeps it. `poll` is called between the chunks of what is made. Error of kind limit for
// lists of 2^31 items.
void export_array(const numpy::Array& array, std::shared_ptr<const void> owner,
                  const std::function<void()>& poll, ArrowArray* out);

}  // namespace mmappickle::arrow
