"""Pickles a dict of objects of NumPy, pandas and SciPy to the file that is named."""

import pickle
import sys

import numpy as np
import pandas as pd
import scipy.sparse as sp

frame = pd.DataFrame({"a": [1.5, 2.5, None], "b": ["x", None, "z"], "c": [1, 2, 3]})
matrix = sp.random(7, 5, 0.3, "csr", random_state=1)
values = {
    "frame": frame,
    "labelled": frame.set_index("b"),
    "dates": frame.set_index(pd.date_range("2024-01-01", periods=3)),
    "levels": frame.set_index(["a", "c"]),
    "floats": frame.set_index("a"),
    "offset": frame.iloc[1:],
    "column": frame["a"],
    "texts": frame["b"],
    "labelled column": frame.set_index("b")["a"],
    "column of levels": frame.set_index(["a", "c"])["b"],
    "categories": frame["b"].astype("category"),
    "ordered": pd.Categorical(["lo", "hi"], ["lo", "mid", "hi"], ordered=True),
    "numbers of pandas": pd.array([1, None, 3], dtype="Int64"),
    "booleans of pandas": pd.array([True, None], dtype="boolean"),
    "moment": pd.Timestamp("2024-02-29 12:00"),
    "moment in a zone": pd.Timestamp("2024-02-29 12:00", tz="Europe/Paris"),
    "difference": pd.Timedelta("90min"),
    "nothing": pd.NaT,
    "missing": pd.NA,
    "period": pd.Period("2024-02"),
    "day": pd.Period("2024-02-29", "D"),
    "range": pd.RangeIndex(3, 12, 3),
    "index": pd.Index(["a", "b"]),
    "index of levels": pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
    "intervals": pd.interval_range(0, 3),
    "days": pd.date_range("2024-01-01", periods=4),
    "empty": pd.DataFrame(),
    "wide": pd.DataFrame(np.zeros((2, 300))),
    "long": pd.DataFrame({"x": np.arange(200000), "y": np.zeros(200000)}),
    "objects": np.array([[1, "a"], [None, {}]], dtype=object),
    "numbers of Python": np.array([1, 2, None], dtype=object),
    "records": np.zeros(4, dtype=[("a", "f8"), ("b", "i4", 2)]),
    "record": np.zeros((), dtype=[("a", "f8"), ("b", "i4")]),
    "void": np.zeros((3, 2), dtype="V5"),
    "half": np.float16(1.5),
    "long texts": ["text %d" % i for i in range(20000)],
    "long dict": {"key %d" % i: i for i in range(20000)},
    "long tuple": tuple(range(50000)),
    "long set": set(range(50000)),
    "tuple of lists": (list(range(50000)), list(range(50000))),
    "tuple of dicts": ({"key %d" % i: i for i in range(20000)}, 1),
    "long text": "x" * 200000,
    "long bytes": b"x" * 200000,
}
for form in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil"):
    values[form] = matrix.asformat(form)
    values[form + " of bool"] = (matrix > 0.5).asformat(form)
values["whole"] = sp.csr_matrix(np.eye(3, dtype="i8"))
values["complex"] = sp.csc_matrix(np.eye(2, dtype=complex))

with open(sys.argv[1], "wb") as file:
    pickle.dump(values, file, 4)
