#include "names.h"

#include "../pickle/inert.h"

namespace mmappickle::pandas {
namespace {

// pandas 3 names what is public by its public modules.
struct Known {
  std::string_view module, name;
  Name means;
};
constexpr Known kNames[] = {
    {"pandas.core.indexes.base", "_new_Index", Name::new_index},
    {"pandas.indexes.base", "_new_Index", Name::new_index},
    {"pandas.core.index", "_new_Index", Name::new_index},
    {"pandas.core.indexes.datetimes", "_new_DatetimeIndex", Name::new_datetime_index},
    {"pandas.tseries.index", "_new_DatetimeIndex", Name::new_datetime_index},
    {"pandas.core.indexes.interval", "_new_IntervalIndex", Name::new_interval_index},
    {"pandas._libs.internals", "_unpickle_block", Name::unpickle_block},
    {"pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked", Name::unpickle_backed},
    {"pandas._libs.interval", "__pyx_unpickle_IntervalMixin", Name::unpickle_interval},
    {"pandas._libs.tslibs.timestamps", "_unpickle_timestamp", Name::unpickle_timestamp},
    {"pandas._libs.tslibs.timedeltas", "_timedelta_unpickle", Name::unpickle_timedelta},
    {"pandas._libs.tslibs.nattype", "__nat_unpickle", Name::unpickle_nat},
    {"pandas._libs.tslibs.nattype", "_nat_unpickle", Name::unpickle_nat},
    {"pandas._libs.tslib", "__nat_unpickle", Name::unpickle_nat},
    {"pandas.tslib", "__nat_unpickle", Name::unpickle_nat},

    {"pandas.core.frame", "DataFrame", Name::data_frame},
    {"pandas", "DataFrame", Name::data_frame},
    {"pandas.core.series", "Series", Name::series},
    {"pandas", "Series", Name::series},
    {"pandas.core.internals.managers", "BlockManager", Name::block_manager},
    {"pandas.core.internals", "BlockManager", Name::block_manager},
    {"pandas.core.internals.managers", "SingleBlockManager", Name::single_block_manager},
    {"pandas.core.internals", "SingleBlockManager", Name::single_block_manager},

    {"pandas.core.indexes.base", "Index", Name::plain_index},
    {"pandas.core.index", "Index", Name::plain_index},
    {"pandas.indexes.base", "Index", Name::plain_index},
    {"pandas", "Index", Name::plain_index},
    {"pandas.core.indexes.numeric", "Int64Index", Name::plain_index},
    {"pandas.core.indexes.numeric", "UInt64Index", Name::plain_index},
    {"pandas.core.indexes.numeric", "Float64Index", Name::plain_index},
    {"pandas.indexes.numeric", "Int64Index", Name::plain_index},
    {"pandas.indexes.numeric", "UInt64Index", Name::plain_index},
    {"pandas.indexes.numeric", "Float64Index", Name::plain_index},
    {"pandas.core.index", "Int64Index", Name::plain_index},
    {"pandas.core.index", "UInt64Index", Name::plain_index},
    {"pandas.core.index", "Float64Index", Name::plain_index},
    {"pandas.core.indexes.category", "CategoricalIndex", Name::plain_index},
    {"pandas", "CategoricalIndex", Name::plain_index},
    {"pandas.core.indexes.timedeltas", "TimedeltaIndex", Name::plain_index},
    {"pandas", "TimedeltaIndex", Name::plain_index},
    {"pandas.tseries.tdi", "TimedeltaIndex", Name::plain_index},
    {"pandas.core.indexes.datetimes", "DatetimeIndex", Name::datetime_index},
    {"pandas", "DatetimeIndex", Name::datetime_index},
    {"pandas.tseries.index", "DatetimeIndex", Name::datetime_index},
    {"pandas.core.indexes.range", "RangeIndex", Name::range_index},
    {"pandas", "RangeIndex", Name::range_index},
    {"pandas.indexes.range", "RangeIndex", Name::range_index},
    {"pandas.core.indexes.multi", "MultiIndex", Name::multi_index},
    {"pandas", "MultiIndex", Name::multi_index},
    {"pandas.indexes.multi", "MultiIndex", Name::multi_index},
    {"pandas.core.index", "MultiIndex", Name::multi_index},
    {"pandas.core.indexes.interval", "IntervalIndex", Name::interval_index},
    {"pandas", "IntervalIndex", Name::interval_index},

    {"pandas.core.arrays.datetimes", "DatetimeArray", Name::datetime_array},
    {"pandas.arrays", "DatetimeArray", Name::datetime_array},
    {"pandas.core.arrays.timedeltas", "TimedeltaArray", Name::timedelta_array},
    {"pandas.arrays", "TimedeltaArray", Name::timedelta_array},
    {"pandas.core.arrays.categorical", "Categorical", Name::categorical},
    {"pandas.core.categorical", "Categorical", Name::categorical},
    {"pandas", "Categorical", Name::categorical},
    {"pandas.core.arrays.string_", "StringArray", Name::string_array},
    {"pandas.arrays", "StringArray", Name::string_array},
    {"pandas.core.arrays.string_", "StringArrayNumpySemantics", Name::string_array},
    {"pandas.core.arrays.numpy_", "PandasArray", Name::numpy_array},
    {"pandas.core.arrays.numpy_", "NumpyExtensionArray", Name::numpy_array},
    {"pandas.arrays", "NumpyExtensionArray", Name::numpy_array},
    {"pandas.core.arrays.integer", "IntegerArray", Name::masked_array},
    {"pandas.arrays", "IntegerArray", Name::masked_array},
    {"pandas.core.arrays.floating", "FloatingArray", Name::masked_array},
    {"pandas.arrays", "FloatingArray", Name::masked_array},
    {"pandas.core.arrays.boolean", "BooleanArray", Name::masked_array},
    {"pandas.arrays", "BooleanArray", Name::masked_array},
    {"pandas.core.arrays.interval", "IntervalArray", Name::interval_array},
    {"pandas.arrays", "IntervalArray", Name::interval_array},
    {"pandas.core.dtypes.dtypes", "CategoricalDtype", Name::categorical_dtype},
    {"pandas", "CategoricalDtype", Name::categorical_dtype},
    {"pandas.core.dtypes.dtypes", "DatetimeTZDtype", Name::datetime_dtype},
    {"pandas", "DatetimeTZDtype", Name::datetime_dtype},
    {"pandas.core.dtypes.dtypes", "IntervalDtype", Name::interval_dtype},
    {"pandas", "IntervalDtype", Name::interval_dtype},

    {"pandas._libs.tslibs.timestamps", "Timestamp", Name::timestamp},
    {"pandas._libs.tslib", "Timestamp", Name::timestamp},
    {"pandas.tslib", "Timestamp", Name::timestamp},
    {"pandas", "Timestamp", Name::timestamp},
    {"pandas._libs.tslibs.timedeltas", "Timedelta", Name::timedelta},
    {"pandas._libs.tslib", "Timedelta", Name::timedelta},
    {"pandas.tslib", "Timedelta", Name::timedelta},
    {"pandas", "Timedelta", Name::timedelta},
    {"pandas._libs.missing", "NA", Name::missing},
};

}  // namespace

Name name_of(const pickle::Tree& tree, pickle::Id id) {
  if (id == pickle::kNoId || tree[id].tag != pickle::Tag::global) return Name::other;
  const std::string_view module = tree.text_of(tree[id].first);
  if (module.substr(0, 6) != "pandas") return Name::other;  // nearly all others
  const Known* known = pickle::row_of(kNames, tree, id);
  return known ? known->means : Name::other;
}

}  // namespace mmappickle::pandas
