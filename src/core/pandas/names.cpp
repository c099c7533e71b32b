#include "names.h"

#include "../pickle/inert.h"

namespace mmappickle::pandas {
namespace {

// pandas 3 names what is public by its public modules.
struct Known {
  std::string_view module, name;
  Global means;
};
constexpr Known kNames[] = {
    {"pandas.core.indexes.base", "_new_Index", Global::new_index},
    {"pandas.indexes.base", "_new_Index", Global::new_index},
    {"pandas.core.index", "_new_Index", Global::new_index},
    {"pandas.core.indexes.datetimes", "_new_DatetimeIndex", Global::new_datetime_index},
    {"pandas.tseries.index", "_new_DatetimeIndex", Global::new_datetime_index},
    {"pandas.core.indexes.interval", "_new_IntervalIndex", Global::new_interval_index},
    {"pandas._libs.internals", "_unpickle_block", Global::unpickle_block},
    {"pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked", Global::unpickle_backed},
    {"pandas._libs.interval", "__pyx_unpickle_IntervalMixin", Global::unpickle_interval},
    {"pandas._libs.tslibs.timestamps", "_unpickle_timestamp", Global::unpickle_timestamp},
    {"pandas._libs.tslibs.timedeltas", "_timedelta_unpickle", Global::unpickle_timedelta},
    {"pandas._libs.tslibs.nattype", "__nat_unpickle", Global::unpickle_nat},
    {"pandas._libs.tslibs.nattype", "_nat_unpickle", Global::unpickle_nat},
    {"pandas._libs.tslib", "__nat_unpickle", Global::unpickle_nat},
    {"pandas.tslib", "__nat_unpickle", Global::unpickle_nat},
    {"pandas", "array", Global::array},
    {"pandas", "Categorical.from_codes", Global::from_codes},
    {"pandas", "MultiIndex.from_arrays", Global::from_arrays},
    {"pandas", "DatetimeIndex.tz_localize", Global::tz_localize},
    {"pandas", "DatetimeIndex.tz_convert", Global::tz_convert},

    {"pandas.core.frame", "DataFrame", Global::data_frame},
    {"pandas", "DataFrame", Global::data_frame},
    {"pandas.core.series", "Series", Global::series},
    {"pandas", "Series", Global::series},
    {"pandas.core.internals.managers", "BlockManager", Global::block_manager},
    {"pandas.core.internals", "BlockManager", Global::block_manager},
    {"pandas.core.internals.managers", "SingleBlockManager",
     Global::single_block_manager},
    {"pandas.core.internals", "SingleBlockManager", Global::single_block_manager},

    {"pandas.core.indexes.base", "Index", Global::any_index},
    {"pandas.core.index", "Index", Global::any_index},
    {"pandas.indexes.base", "Index", Global::any_index},
    {"pandas", "Index", Global::any_index},
    {"pandas.core.indexes.numeric", "Int64Index", Global::any_index},
    {"pandas.core.indexes.numeric", "UInt64Index", Global::any_index},
    {"pandas.core.indexes.numeric", "Float64Index", Global::any_index},
    {"pandas.indexes.numeric", "Int64Index", Global::any_index},
    {"pandas.indexes.numeric", "UInt64Index", Global::any_index},
    {"pandas.indexes.numeric", "Float64Index", Global::any_index},
    {"pandas.core.index", "Int64Index", Global::any_index},
    {"pandas.core.index", "UInt64Index", Global::any_index},
    {"pandas.core.index", "Float64Index", Global::any_index},
    {"pandas.core.indexes.category", "CategoricalIndex", Global::any_index},
    {"pandas", "CategoricalIndex", Global::any_index},
    {"pandas.core.indexes.timedeltas", "TimedeltaIndex", Global::any_index},
    {"pandas", "TimedeltaIndex", Global::any_index},
    {"pandas.tseries.tdi", "TimedeltaIndex", Global::any_index},
    {"pandas.core.indexes.datetimes", "DatetimeIndex", Global::datetime_index},
    {"pandas", "DatetimeIndex", Global::datetime_index},
    {"pandas.tseries.index", "DatetimeIndex", Global::datetime_index},
    {"pandas.core.indexes.range", "RangeIndex", Global::range_index},
    {"pandas", "RangeIndex", Global::range_index},
    {"pandas.indexes.range", "RangeIndex", Global::range_index},
    {"pandas.core.indexes.multi", "MultiIndex", Global::multi_index},
    {"pandas", "MultiIndex", Global::multi_index},
    {"pandas.indexes.multi", "MultiIndex", Global::multi_index},
    {"pandas.core.index", "MultiIndex", Global::multi_index},
    {"pandas.core.indexes.interval", "IntervalIndex", Global::interval_index},
    {"pandas", "IntervalIndex", Global::interval_index},

    {"pandas.core.indexes.period", "PeriodIndex", Global::period_index},
    {"pandas", "PeriodIndex", Global::period_index},

    {"pandas.core.arrays.datetimes", "DatetimeArray", Global::datetime_array},
    {"pandas.arrays", "DatetimeArray", Global::datetime_array},
    {"pandas.core.arrays.timedeltas", "TimedeltaArray", Global::timedelta_array},
    {"pandas.arrays", "TimedeltaArray", Global::timedelta_array},
    {"pandas.core.arrays.categorical", "Categorical", Global::categorical},
    {"pandas.core.categorical", "Categorical", Global::categorical},
    {"pandas", "Categorical", Global::categorical},
    {"pandas.core.arrays.string_", "StringArray", Global::string_array},
    {"pandas.arrays", "StringArray", Global::string_array},
    {"pandas.core.arrays.string_", "StringArrayNumpySemantics", Global::string_array},
    {"pandas.core.arrays.numpy_", "PandasArray", Global::numpy_array},
    {"pandas.core.arrays.numpy_", "NumpyExtensionArray", Global::numpy_array},
    {"pandas.arrays", "NumpyExtensionArray", Global::numpy_array},
    {"pandas.core.arrays.integer", "IntegerArray", Global::masked_array},
    {"pandas.arrays", "IntegerArray", Global::masked_array},
    {"pandas.core.arrays.floating", "FloatingArray", Global::masked_array},
    {"pandas.arrays", "FloatingArray", Global::masked_array},
    {"pandas.core.arrays.boolean", "BooleanArray", Global::masked_array},
    {"pandas.arrays", "BooleanArray", Global::masked_array},
    {"pandas.core.arrays.interval", "IntervalArray", Global::interval_array},
    {"pandas.arrays", "IntervalArray", Global::interval_array},
    {"pandas.core.arrays.string_arrow", "ArrowStringArray", Global::arrow_array},
    {"pandas.core.arrays.string_arrow", "ArrowStringArrayNumpySemantics",
     Global::arrow_array},
    {"pandas.arrays", "ArrowStringArray", Global::arrow_array},
    {"pandas.core.arrays.arrow.array", "ArrowExtensionArray", Global::arrow_array},
    {"pandas.arrays", "ArrowExtensionArray", Global::arrow_array},
    {"pandas.core.arrays.period", "PeriodArray", Global::period_array},
    {"pandas.arrays", "PeriodArray", Global::period_array},
    {"pandas.core.arrays.sparse.array", "SparseArray", Global::sparse_array},
    {"pandas.core.arrays.sparse", "SparseArray", Global::sparse_array},
    {"pandas.core.sparse.array", "SparseArray", Global::sparse_array},
    {"pandas.arrays", "SparseArray", Global::sparse_array},
    {"pandas._libs.sparse", "IntIndex", Global::sparse_indices},
    {"pandas._libs.sparse", "BlockIndex", Global::sparse_blocks},
    {"pandas.core.dtypes.dtypes", "CategoricalDtype", Global::categorical_dtype},
    {"pandas", "CategoricalDtype", Global::categorical_dtype},
    {"pandas.core.dtypes.dtypes", "DatetimeTZDtype", Global::datetime_dtype},
    {"pandas", "DatetimeTZDtype", Global::datetime_dtype},
    {"pandas.core.dtypes.dtypes", "IntervalDtype", Global::interval_dtype},
    {"pandas", "IntervalDtype", Global::interval_dtype},
    {"pandas.core.dtypes.dtypes", "PeriodDtype", Global::period_dtype},
    {"pandas", "PeriodDtype", Global::period_dtype},
    {"pandas.core.arrays.sparse.dtype", "SparseDtype", Global::sparse_dtype},
    {"pandas.core.dtypes.dtypes", "SparseDtype", Global::sparse_dtype},
    {"pandas", "SparseDtype", Global::sparse_dtype},

    {"pandas._libs.tslibs.period", "Period", Global::period},
    {"pandas", "Period", Global::period},
    {"pandas._libs.tslibs.timestamps", "Timestamp", Global::timestamp},
    {"pandas._libs.tslib", "Timestamp", Global::timestamp},
    {"pandas.tslib", "Timestamp", Global::timestamp},
    {"pandas", "Timestamp", Global::timestamp},
    {"pandas._libs.tslibs.timedeltas", "Timedelta", Global::timedelta},
    {"pandas._libs.tslib", "Timedelta", Global::timedelta},
    {"pandas.tslib", "Timedelta", Global::timedelta},
    {"pandas", "Timedelta", Global::timedelta},
    {"pandas._libs.missing", "NA", Global::missing},
};

}  // namespace

Global global_of(const pickle::Tree& tree, pickle::Id id) {
  if (id == pickle::kNoId || tree[id].tag != pickle::Tag::global) return Global::other;
  const std::string_view module = tree.text_of(tree[id].first);
  if (module.substr(0, 6) != "pandas") return Global::other;  // nearly all others
  const Known* known = pickle::row_of(kNames, tree, id);
  return known ? known->means : Global::other;
}

}  // namespace mmappickle::pandas
