"""Pickles of pandas objects of every kind, with what they hold, a JSON object a line: how
fixtures/pandas.jsonl.gz was made, by pandas 1.5 and 2.3.

usage: pandas_cases.py FOLDER [arrow] > cases.jsonl

FOLDER holds describe.py, which makes descriptions as fixtures/README.md has them. With
"arrow" the same as pandas 3 pickles it where pyarrow is: only those with something of
pyarrow's inside, in hex and without a description (fixtures/arrow/pandas3.jsonl.xz)."""
import base64
import datetime
import decimal
import json
import pickle
import sys
import zoneinfo

import dateutil.tz
import numpy as np
import pandas as pd
import pytz

sys.path.insert(0, sys.argv[1])
from describe import describe  # noqa: E402

ARROW = sys.argv[2:] == ["arrow"]
if ARROW:
    pd.options.future.infer_string = True

base = np.arange(24.0).reshape(4, 6)
moments = pd.DatetimeIndex([pd.Timestamp(t) for t in (
    "2020-01-01 12:00:00.123456789", None, "1965-03-04", "2200-12-31")])
zones = {
    "pytz": pytz.timezone("America/New_York"), "pytz_static": pytz.timezone("Etc/GMT+5"),
    "pytz_fixed": pytz.FixedOffset(120), "pytz_odd": pytz.FixedOffset(90),
    "zoneinfo": zoneinfo.ZoneInfo("Asia/Tokyo"),
    "timezone": datetime.timezone(datetime.timedelta(hours=-3)),
    "dateutil": dateutil.tz.gettz("Europe/Berlin"),
    "dateutil_utc": dateutil.tz.tzutc(), "dateutil_offset": dateutil.tz.tzoffset("x", 3600),
}
if ARROW:
    del zones["dateutil"]  # which pandas of that day cannot take

cases = {}


def case(name, value):
    cases[name] = value


# -- blocks: C, Fortran, sliced, transposed, alone, together, scattered
case("block_c", pd.DataFrame(base.copy()))
case("block_f", pd.DataFrame(np.asfortranarray(base)))
case("block_transposed", pd.DataFrame(base).T)
case("block_sliced_rows", pd.DataFrame(base).iloc[1::2])
case("block_sliced_columns", pd.DataFrame(base).iloc[:, ::2])
case("block_reversed", pd.DataFrame(base).iloc[::-1, ::-1])
case("block_taken", pd.DataFrame(base)[[5, 0, 3]])
scattered = pd.DataFrame({c: [i, i + 1] for i, c in enumerate("abcdefg")})
for c in "acdg":
    scattered[c] = scattered[c].astype("float64")
case("block_scattered", scattered._consolidate())
case("block_scattered_alone", scattered)
case("block_one_row", pd.DataFrame(np.arange(300).reshape(1, 300)))
case("block_one_column", pd.DataFrame({"x": np.arange(300.0)}))
case("block_objects", pd.DataFrame(np.array([["a", 1, None], ["b", 2.5, np.nan]], dtype=object)))
case("block_objects_f", pd.DataFrame({"x": ["a", "b"], "y": ["c", None], "z": [[1], {}]}))
case("block_shared", [scattered, scattered.copy(deep=False), pd.DataFrame(scattered)])
case("no_columns", pd.DataFrame(index=["a", "b"]))
case("no_rows", pd.DataFrame(columns=["a", "b"], dtype="int32"))
case("nothing", pd.DataFrame())
mixed = pd.DataFrame({"i": [1, 2, 3], "s": ["x", "y", "z"], "f": [0.5, np.nan, np.inf]})
case("mixed", mixed)
case("mixed_filtered", mixed[mixed.i > 1])
case("mixed_object", mixed.astype(object))

# -- dtypes
for t in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
          "float16", "float32", "float64", "complex64", "complex128"]:
    case("dtype_" + t, pd.DataFrame({"a": np.array([0, 1, 1], t), "b": np.array([1, 0, 1], t)}))
case("dtype_int64_large", pd.Series([2**53, -2**62, 2**62]))
for u in ["s", "ms", "us", "ns"]:
    case("dtype_M8_" + u, pd.Series(np.array(["2020-01-02T03:04:05", "NaT"], "M8[%s]" % u)))
    case("dtype_m8_" + u, pd.Series(np.array([5, "NaT"], "m8[%s]" % u)))
case("datetimes", pd.DataFrame({"t": moments, "d": moments - moments[0]}))
case("datetimes_two", pd.DataFrame({"t": moments, "u": moments[::-1]})._consolidate())
for name, zone in zones.items():
    aware = moments.tz_localize("UTC").tz_convert(zone)
    case("zone_" + name, pd.DataFrame({"t": aware, "u": aware + pd.Timedelta("1h")}))
    case("zone_index_" + name, pd.Series([1, 2, 3, 4], index=aware))
    case("timestamp_" + name, pd.Timestamp("2020-07-01 12:00", tz=zone))
for t in ["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32",
          "Float64"]:
    case("nullable_" + t, pd.array([1, None, 3], t))
    case("nullable_frame_" + t, pd.DataFrame({"a": pd.array([1, None], t), "b": [1, 2]}))
case("nullable_boolean", pd.array([True, None, False], "boolean"))
case("nullable_none", pd.Series([None, None], dtype="Int64"))
case("nullable_empty", pd.Series([], dtype="boolean"))
case("string", pd.Series(["a", None, "", "\u00e9\U0001f600"], dtype="string"))
case("string_none", pd.Series([None, None], dtype="string"))
case("string_array", pd.array(["a", None], "string"))
case("string_empty", pd.array([], "string"))
case("long_strings", pd.Series(["x" * 1000, "y" * 70000] * 3))
case("objects", pd.Series([1, "a", None, [1, 2], {"k": 1}, 2.5, pd.NaT, pd.NA,
                           decimal.Decimal("1.5"), datetime.date(2020, 1, 1),
                           pd.Timestamp("2020-01-01"), pd.Timedelta("1d"), b"raw", (1, 2)]))
case("objects_text", pd.Series(["a", None, np.nan, pd.NaT, pd.NA, "b"]))
case("objects_missing", pd.Series([None, np.nan, pd.NA], dtype=object))
if not ARROW:  # it refuses them
    case("objects_surrogate", pd.Series(["a", "\ud800"]))
case("numpy_array", pd.array(np.arange(3.0)))

# -- categories
case("categorical", pd.Categorical(["b", "a", None, "b"]))
case("categorical_ordered", pd.Series(["lo", "hi"]).astype(
    pd.CategoricalDtype(["lo", "mid", "hi"], ordered=True)))
case("categorical_int", pd.Series([100000, 2, 100000]).astype("category"))
case("categorical_float", pd.Series([0.1, 0.1 + 0.2, 0.3, 1e20, 2.0]).astype("category"))
case("categorical_bool", pd.Series([True, False]).astype("category"))
case("categorical_dates", pd.Series(moments[[0, 2]]).astype("category"))
case("categorical_strings", pd.Series(["a", "b"], dtype="string").astype("category"))
case("categorical_mixed", pd.Categorical([1, "x", 2.5], categories=["x", 1, 2.5]))
case("categorical_many", pd.Series(["c%d" % (i % 300) for i in range(1000)]).astype("category"))
case("categorical_empty", pd.Categorical([]))
case("categorical_missing", pd.Categorical([None, None], categories=["a"]))
case("cut", pd.cut(pd.Series([1.0, 5.0, 9.0, np.nan]), [0, 3, 6, 10]))
case("cut_left", pd.cut(pd.Series([1, 5, 9]), [0, 3, 6, 10], right=False))
case("cut_dates", pd.cut(pd.Series(moments[[0, 2]]), pd.to_datetime(["1960", "2000", "2100"])))
case("groupby_cut", mixed.groupby(pd.cut(mixed.i, [0, 1, 5]))[["f"]].sum())

# -- what has no counterpart
case("interval_column", pd.DataFrame({"x": pd.arrays.IntervalArray.from_breaks([0, 1, 2]),
                                      "y": [1, 2]}))
case("interval_dates", pd.DataFrame({"x": pd.interval_range(
    pd.Timestamp("2020-01-01"), periods=2, closed="both")}))
case("interval_index", pd.Series([1, 2], index=pd.interval_range(0, 2)))
case("interval_columns", pd.DataFrame(base[:2, :2], columns=pd.interval_range(0, 2)))
case("period_column", pd.DataFrame({"p": pd.period_range("2020-01", periods=2, freq="M")}))
case("period_index", pd.DataFrame({"x": [1, 2]},
                                  index=pd.period_range("2020-01", periods=2, freq="M")))
case("period_columns", pd.DataFrame([[1, 2]], columns=pd.period_range("2020", periods=2, freq="D")))
case("sparse_column", pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1])}))

# -- labels of rows
for name, index in {
    "range_other": pd.RangeIndex(5, 11, 2), "range_back": pd.RangeIndex(2, -1, -1),
    "range_named": pd.RangeIndex(0, 3, name="r"), "int": pd.Index([10, 20, 15]),
    "int_repeated": pd.Index([1, 1, 2]), "int_large": pd.Index([1, 2, 2**40]),
    "int_named": pd.Index([3, 1, 2], name="id"), "uint": pd.Index([1, 2, 3], dtype="uint64"),
    "float": pd.Index([0.5, 1.0, np.nan]), "bool": pd.Index([True, False, True]),
    "text": pd.Index(["x", "y", "z"], name="key"), "text_repeated": pd.Index(["x", "y", "x"]),
    "text_missing": pd.Index(["x", None, "z"]), "tuple_name": pd.Index([1, 2, 3], name=("a", 1)),
    "objects": pd.Index([1, "a", 2.5]), "datetime": moments[[0, 2, 3]],
    "datetime_freq": pd.date_range("2020", periods=3, freq="D", name="when"),
    "timedelta": pd.to_timedelta([1, 2, 3], unit="h"),
    "category": pd.CategoricalIndex(["a", "b", "a"]),
    "multi": pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 3)], names=["k", None]),
    "multi_missing": pd.MultiIndex.from_tuples([("a", 1.0), (None, 2.0), ("b", np.nan)]),
    "multi_dates": pd.MultiIndex.from_arrays([moments[[0, 2, 3]], [1, 2, 3]], names=["t", "n"]),
    "multi_categories": pd.MultiIndex.from_arrays([pd.Categorical(["u", "v", "u"]), [1, 2, 3]]),
    "multi_intervals": pd.MultiIndex.from_arrays([pd.interval_range(0, 3), [1, 2, 3]]),
}.items():
    case("index_" + name, index)
    case("frame_index_" + name, pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=index))
    case("series_index_" + name, pd.Series([1.5, 2.5, 3.5], index=index, name="s"))

# -- labels of columns
for name, columns in {
    "range": pd.RangeIndex(2), "range_other": pd.RangeIndex(7, 1, -3), "int": [10**5, -2],
    "float": [0.5, 1e6], "bool": [True, False], "repeated": ["a", "a"], "empty": ["", " "],
    "missing": ["a", None], "mixed": ["a", 1], "tuples": pd.Index([("a", 1), "b"]),
    "dates": pd.to_datetime(["2020-01-01", "2021-06-01"]), "category": pd.CategoricalIndex(["a", "b"]),
    "multi": pd.MultiIndex.from_product([["a"], [1, 2]], names=["x", "y"]),
    "multi_ragged": pd.MultiIndex.from_tuples([("a", ""), ("b", "mean")]),
    "string": pd.Index(["a", "b"], dtype="string"), "utf8": ["\u00e9", "\u6f22"],
    "named": pd.Index(["a", "b"], name="variable"),
}.items():
    case("columns_" + name, pd.DataFrame([[1, 2.5], [3, 4.5]], columns=columns))
case("columns_many", pd.DataFrame(np.zeros((2, 500)), columns=["c%d" % i for i in range(500)]))
case("pivoted", pd.DataFrame({"r": ["a", "a", "b"], "c": ["x", "y", "x"], "v": [1.0, 2, 3]})
     .pivot(index="r", columns="c", values="v"))
case("grouped", pd.DataFrame({"g": ["a", "b", "a"], "v": [1.0, 2, 3]}).groupby("g").agg(
    {"v": ["mean", "count"]}))
attrs = pd.DataFrame({"a": [1]})
attrs.attrs = {"unit": "mm", "n": [1, 2]}
case("attrs", attrs)
series_attrs = pd.Series([1.0], name=3)
series_attrs.attrs["k"] = None
case("series_attrs", series_attrs)

# -- within other values
case("nested", {"df": mixed, "l": [mixed.s, pd.NA, {"t": pd.Timestamp("2020")}], "na": pd.NaT})
case("frame_in_frame", pd.DataFrame({"x": [mixed, None]}))
case("scalars", [pd.Timestamp("1677-09-22"), pd.Timestamp("2262-04-11"), pd.Timedelta(-1),
                 pd.Timedelta("106751 days"), pd.NaT, pd.NA, pd.Interval(0, 1),
                 pd.Period("2020-01", "M")])


def main():
    env = "pandas " + pd.__version__.rsplit(".", 1)[0]
    for name, value in cases.items():
        described = describe(value)
        for protocol in (0, 2, 4, 5) if name in ("mixed", "block_f", "nested") else (4,):
            data = pickle.dumps(value, protocol)
            if ARROW:
                if b"pyarrow" in data:
                    print(json.dumps({"name": name, "pickle": data.hex()}))
                continue
            print(json.dumps({
                "name": name, "env": env, "protocol": protocol,
                "pickle": base64.b64encode(data).decode(),
                "value": described,
            }, separators=(",", ":")))


main()
