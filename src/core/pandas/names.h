// Python names that stand for pandas' objects, in every version that has written them.
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::pandas {

enum class Global : std::uint8_t {
  other,
  // functions that pickles call
  new_index,           // _new_Index(class, members)
  new_datetime_index,  // _new_DatetimeIndex, likewise; so are the next
  new_interval_index,
  unpickle_block,     // (values, placement, ndim)
  unpickle_backed,    // __pyx_unpickle_NDArrayBacked(class, checksum, None)
  unpickle_interval,  // __pyx_unpickle_IntervalMixin, likewise
  unpickle_timestamp,
  unpickle_timedelta,
  unpickle_nat,
  array,        // array(values, dtype)
  from_codes,   // Categorical.from_codes(codes, categories, ordered)
  from_arrays,  // MultiIndex.from_arrays(arrays, None, names)
  tz_localize,  // DatetimeIndex.tz_localize(index, zone)
  tz_convert,   // likewise
  // classes
  data_frame,
  series,
  block_manager,
  single_block_manager,
  any_index,  // Index, Int64Index ...: their data say the rest
  datetime_index,
  range_index,
  multi_index,
  interval_index,
  period_index,
  datetime_array,
  timedelta_array,
  categorical,
  string_array,
  numpy_array,   // PandasArray, NumpyExtensionArray
  masked_array,  // IntegerArray, FloatingArray, BooleanArray
  interval_array,
  arrow_array,  // ArrowStringArray, ArrowExtensionArray: around what pyarrow has
  period_array,
  sparse_array,
  sparse_indices,  // IntIndex
  sparse_blocks,   // BlockIndex
  categorical_dtype,
  datetime_dtype,
  interval_dtype,
  period_dtype,
  sparse_dtype,
  period,
  timestamp,
  timedelta,
  missing,  // NA
};

// What the global `id` names; `other` for what is no global.
Global global_of(const pickle::Tree& tree, pickle::Id id);

}  // namespace mmappickle::pandas
