"""Writes the files of vignette("colleagues"): small ones of the kinds that Python users send.

Usage: /usr/bin/python3 tools/colleagues.py inst/colleagues
Needs NumPy, pandas, SciPy, scikit-learn, joblib and xarray (Debian's are enough).
"""
import pathlib
import pickle
import sys

import joblib
import numpy as np
import pandas as pd
import scipy.sparse
import xarray
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression

folder = pathlib.Path(sys.argv[1])
folder.mkdir(exist_ok=True)
rng = np.random.default_rng(1)


def dump(value, name):
    (folder / name).write_bytes(pickle.dumps(value, protocol=4))


# A measured series: dates as index, a category, missing values, quarters.
dates = pd.date_range("2024-03-30", periods=6, freq="D", tz="Europe/Zurich", name="when")
series = pd.DataFrame(
    {
        "station": pd.Categorical(["A", "B", "A", "C", "B", "A"]),
        "counts": pd.array([3, None, 5, 8, 13, 21], dtype="Int64"),
        "level": [0.5, 0.25, np.nan, 1.5, 2.5, 3.5],
        "quarter": pd.period_range("2024Q1", periods=6, freq="Q"),
        "note": ["ok", None, "ok", "late", "ok", None],
    },
    index=dates,
)
dump(series, "series.pkl")

# Words in documents, as scikit-learn's CountVectorizer gives them.
words = scipy.sparse.random(6, 10, density=0.3, format="csr", random_state=1, dtype=np.float64)
words.data[:] = np.arange(1, words.nnz + 1)
dump({"words": words, "terms": [np.str_(w) for w in "abcdefghij"]}, "words.pkl")

# A fitted model, and the history of a training.
iris = load_iris()
model = LinearRegression().fit(iris.data[:, :2], iris.data[:, 3])
dump(model, "model.pkl")
history = {
    "loss": [np.float64(0.9), np.float64(0.5), np.float64(0.35)],
    "accuracy": [np.float32(0.5), np.float32(0.75), np.float32(0.8)],
    "epoch": [0, 1, 2],
}
dump(history, "history.pkl")

joblib.dump(
    {"X": iris.data[::3].astype("float32"), "y": iris.target[::3].astype("int8")},
    folder / "iris.joblib",
)
np.savez(folder / "arrays.npz", image=np.arange(24.0).reshape(4, 6), mask=np.eye(3, dtype=bool))
np.save(folder / "image.npy", np.asfortranarray(np.arange(24, dtype="uint16").reshape(4, 6)))

grid = xarray.Dataset(
    {"temperature": (("lat", "lon"), rng.normal(10, 3, (3, 4)).round(1))},
    coords={"lat": [46.5, 47.0, 47.5], "lon": [6.0, 6.5, 7.0, 7.5]},
    attrs={"source": "a model"},
)
dump(grid, "grid.pkl")

# {'name': 'Neuch\xe2tel', 'n': 3} as Python 2 wrote it: text is bytes, of no said encoding.
(folder / "python2.pkl").write_bytes(
    b"\x80\x02}q\x00(U\x04nameq\x01U\x09Neuch\xe2telq\x02U\x01nq\x03K\x03u."
)
