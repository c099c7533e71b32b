"""Parts of pandas' data frames that R has no vector for, and data frames that R stored.

pandas_frames.py write FILE   pickles the parts, as pandas' own text has them (how
                              fixtures/pandas/parts-*.pickle.gz were made: pandas 1.5 and 2.3)
pandas_frames.py indexes FILE pickles frames without rows, labels of other dtypes, and
                              instances of derived classes (how fixtures/pandas/indexes-*.pickle.gz
                              were made, likewise)
pandas_frames.py same FOLDER  compares X.before with X.after, which R read and stored again
pandas_frames.py check FOLDER compares what R's pandas_frame() stored with the frames that
                              pandas users make: prints what differs
"""
import glob
import gzip
import pickle
import sys
import types
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")


def modern(freq):
    """Names of frequencies, as pandas 1 and as pandas 2.2 and later spell them."""
    new = {"A-DEC": "Y-DEC", "A-JUN": "Y-JUN", "H": "h", "T": "min", "S": "s", "L": "ms",
           "U": "us", "N": "ns"}
    return freq if pd.__version__ < "2" else new.get(freq, freq)


FREQUENCIES = ["A-DEC", "A-JUN", "Q-DEC", "Q-JAN", "2Q-NOV", "M", "3M", "W-SUN", "W-MON",
               "W-SAT", "B", "D", "H", "T", "S", "L", "U", "N"]
MOMENTS = ["1969-07-20 20:17:40.123456789", "1970-01-01", "2020-02-29 23:59:59.999999999",
           "2024-12-30 01:02:03.004005006"]


class Measure(pd.api.extensions.ExtensionArray):
    """An array of a class that nobody knows."""

    def __init__(self, values):
        self.values = np.asarray(values)

    @property
    def dtype(self):
        return MeasureDtype()

    def __len__(self):
        return len(self.values)

    def __getitem__(self, i):
        return self.values[i] if np.ndim(i) == 0 else Measure(self.values[i])

    def copy(self):
        return Measure(self.values.copy())

    def isna(self):
        return np.isnan(self.values)

    nbytes = 0


class MeasureDtype(pd.api.extensions.ExtensionDtype):
    name = "measure"
    type = float

    @classmethod
    def construct_array_type(cls):
        return Measure


class Odd(pd.Index):
    pass


class Places(pd.DataFrame):
    """As geopandas has its GeoDataFrame."""

    def __getstate__(self):
        return dict(super().__getstate__(), crs="EPSG:4326")


class Heights(pd.Series):
    pass


def module_of(*classes):
    module = sys.modules["lab"] = types.ModuleType("lab")
    for cls in classes:
        cls.__module__ = module.__name__
        setattr(module, cls.__name__, cls)


def parts():
    periods = {f: pd.PeriodIndex([pd.Period(m, freq=modern(f)) for m in MOMENTS] + [pd.NaT],
                                 freq=modern(f)) for f in FREQUENCIES}
    module_of(Measure, MeasureDtype, Odd)
    measured = pd.DataFrame({"a": [1, 2], "b": Measure([1.5, 2.5]), "c": ["x", "y"]})
    odd = pd.DataFrame({"v": [1., 2.]})
    odd.index = pd.Index(["p", "q"], name="who")
    odd.index.__class__ = Odd
    return {
        "periods": {f: pd.DataFrame({"p": p, "v": range(5)}) for f, p in periods.items()},
        "indexes": {f: pd.DataFrame({"v": range(5)}, index=p) for f, p in periods.items()},
        "scalars": {f: list(p) for f, p in periods.items()},
        "texts": {f: [str(x) for x in p[:4]] for f, p in periods.items()},
        "sparse": pd.DataFrame({
            "integer": pd.arrays.SparseArray([0, 0, 3, 0]),
            "block": pd.arrays.SparseArray([0., 1., 2., 0.], fill_value=0., kind="block"),
            "missing": pd.arrays.SparseArray([np.nan, 1.5, np.nan, np.nan]),
            "flag": pd.arrays.SparseArray([False, True, False, False]),
            "small": pd.arrays.SparseArray(np.array([7, 7, 1, 7], "u1"), fill_value=7),
            "text": pd.arrays.SparseArray(np.array(["n", "n", "y", "n"], object),
                                          fill_value="n"),
            "none": pd.arrays.SparseArray([0, 0, 0, 0]),
        }),
        "sparse_series": pd.Series(pd.arrays.SparseArray([0, 2]), index=["a", "b"]),
        "measured": measured,
        "measured_alone": pd.DataFrame({"b": Measure([1.5, 2.5])}),
        "odd": odd,
        "odd_series": pd.Series([1., 2.], index=odd.index),
        "cells": pd.DataFrame({"i": [pd.Interval(0, 1), "x"], "o": [pd.offsets.Hour(2), 1],
                               "p": [pd.Period("2020-01", "M"), "x"]}),
    }


def indexes():
    """Indexes of no elements; whole numbers of a dtype of their own; periods in one block."""
    empty = {
        "times": pd.DatetimeIndex([], tz="Europe/Paris", name="when"),
        "floats": pd.Index([], dtype="f8"), "category": pd.CategoricalIndex([], ["a"]),
        "periods": pd.PeriodIndex([], freq="M"),
        "multi": pd.MultiIndex.from_arrays([["a"], [1]], names=["k", None])[:0],
        "range": pd.RangeIndex(5, 5), "objects": pd.Index([], dtype=object),
        "texts": pd.Index(["a"], dtype=object)[:0], "whole": pd.Index([], dtype="i8"),
    }
    whole = {"objects": pd.Index([7, 5], dtype=object), "u8": pd.Index([7, 5], dtype="u8")}
    if pd.__version__ >= "2":
        whole["nullable"] = pd.Index(pd.array([7, 5], "Int64"))
        whole["missing"] = pd.Index(pd.array([7, None], "Int64"))
    module_of(Places, Heights)
    places = Places({"a": [1., 2.], "b": ["x", "y"]}, index=["r", "s"])
    structs = None
    if pd.__version__ >= "2":
        import pyarrow as pa
        array = pd.arrays.ArrowExtensionArray(pa.array([{"a": 1.5}, {"a": 2.5}]))
        structs = pd.Series(array, name="n")
    months = pd.PeriodIndex(["2020-01", "NaT", "1969-03"], freq="M")
    weekdays = pd.PeriodIndex(["2020-01-03", "NaT", "1969-03-03"], freq="B")
    return {
        "empty": {name: pd.DataFrame({"v": [1.5][:0]}, index=x) for name, x in empty.items()},
        "whole": {name: pd.DataFrame({"v": [1.5, 2.5]}, index=x) for name, x in whole.items()},
        "blocks": pd.DataFrame({"m": months, "d": months.asfreq("D"), "b": weekdays,
                                "m2": months[::-1], "d2": months.asfreq("D")[::-1],
                                "b2": weekdays[::-1]}),
        "derived": {"frame": places, "series": Heights([1.5, 2.5], index=["p", "q"]),
                    "plain": Heights(pd.Series(["u", None]))},
        "old": pickle.dumps(places, 0), "structs": structs,
    }


def frames():
    """By name: what the test of R's stores."""
    day = pd.DatetimeIndex(["2020-02-29", None, "1969-12-31"], dtype="M8[ns]")
    moments = pd.DatetimeIndex(["2020-03-29 00:30:00.25", None, "1965-01-01"], tz="UTC")
    plain = {
        "l": [True, False, True], "i": np.array([1, 2, 3], "i4"), "d": [1.5, np.nan, -np.inf],
        "z": [1 + 2j, 0, 0], "s": np.array(["a", None, "\u00e9\u6f22"], object),
        "ln": pd.array([True, None, False], "boolean"), "n": pd.array([1, None, 3], "Int32"),
        "f": pd.Categorical(["u", None, "v"], categories=["v", "u"]),
        "o": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True),
        "day": day, "local": moments.tz_convert("Europe/Zurich"), "utc": moments,
        "hours": pd.TimedeltaIndex(np.array([1, "NaT", 3], "m8[h]")).astype("m8[ns]"),
        "part": pd.to_timedelta([1.5, None, 3], unit="h"),
        "thirds": pd.to_timedelta([333333333, None, -20000000000000], unit="ns"),
        "raw": np.array([0, 255, 1], "u1"),
        "list": pd.Series([1, "x", None], dtype=object).to_numpy(),
    }
    rows = {"plain": None, "rows": pd.Index(["r", "s", "t"], name="who"),
            "numbers": pd.Index([10, 20, 15])}
    out = {name: pd.DataFrame(plain, index=index) for name, index in rows.items()}
    table = pd.DataFrame({"g": ["a", "a", "b"], "when": moments.tz_convert("Asia/Tokyo"),
                          "index": [1.5, 2.5, 3.5], "v": np.array([1, 2, 3], "i4")})
    out["by_text"] = table.set_index("g")
    out["by_time"] = table.set_index("when")
    out["unnamed"] = table.set_index("index")
    out["unnamed"].index.name = None
    out["by_two"] = table.set_index(["g", "when"])
    out["no_columns"] = pd.DataFrame(index=["a", "b"])
    out["rows_alone"] = pd.DataFrame(index=range(3))
    out["no_rows"] = pd.DataFrame({"a": np.array([], "i4"), "s": np.array([], object)})
    return out


def check(folder):
    for name, expected in frames().items():
        path = "%s/%s.pkl" % (folder, name)
        with open(path, "rb") as file:
            seen = {"pickle.load": pickle.load(file), "pandas.read_pickle": pd.read_pickle(path)}
        for how, frame in seen.items():
            try:
                pd.testing.assert_frame_equal(
                    frame, expected, check_column_type=False,
                    check_index_type=len(expected.columns) > 0)
            except AssertionError as error:
                print(name, how, str(error).replace("\n", " "))


def same(folder):
    for path in sorted(glob.glob(folder + "/*.before")):
        before, after = pd.read_pickle(path), pd.read_pickle(path.replace(".before", ".after"))
        if isinstance(before.index, pd.RangeIndex):
            before = before.reset_index(drop=True)
        try:
            pd.testing.assert_frame_equal(before, after, check_column_type=False)
        except AssertionError as error:
            print(path, str(error).replace("\n", " "))


if sys.argv[1] in ("write", "indexes"):
    with open(sys.argv[2], "wb") as file:
        made = parts() if sys.argv[1] == "write" else indexes()
        file.write(gzip.compress(pickle.dumps(made, 4), mtime=0))
elif sys.argv[1] == "same":
    same(sys.argv[2])
else:
    check(sys.argv[2])
