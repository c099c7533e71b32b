"""Files beside pickles, as joblib, NumPy and pandas write them, each with the same values as
a plain pickle: how fixtures/files was made.

usage: files_beside.py FOLDER"""
import io
import os
import pickle
import sys
import tarfile
import warnings
import zipfile

import joblib
import numpy as np
import pandas as pd
from joblib import numpy_pickle
from numpy.lib import format as npy

warnings.simplefilter("ignore")
folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
base = np.arange(6).reshape(2, 3)

arrays = {name: base.astype(name) for name in (
    "?", "i1", "u1", "<i2", ">i2", "<u2", "<i4", ">i4", "<u4", "<i8", ">u8", "<f2", "<f4",
    ">f4", "<f8", ">f8", "<f16", "<c8", "<c16", "S3", "<U2", ">U2")}
arrays["M8[D]"] = np.array(["2020-01-01", "NaT"], "M8[D]")
arrays["m8[25s]"] = np.array([1, -1], "m8[25s]")
arrays["V3"] = np.array([b"abc", b"def"], "V3")
arrays["fortran"] = np.asfortranarray(base * 1.5)
arrays["rank 0"] = np.array(2.5)
arrays["rank 3"] = np.arange(24, dtype="i2").reshape(2, 3, 4)
arrays["empty"] = np.zeros((0, 3))
record = np.array([(1, 2.5, b"x"), (2, 3.5, b"y")],
                  [("a", "<i4"), ("b", "<f8"), ("c", "S1")])
arrays["structured"] = record
arrays["aligned"] = np.array([(1, 2.5), (2, 3.5)], np.dtype("u1, f8", align=True))
arrays["nested"] = np.zeros(2, [("p", [("x", "f4"), ("y", "i1")]), ("q", "i2", (2, 2))])
arrays["names"] = np.array([(1, 2)], [("it's", "i4"), ("caf\u00e9", "i4")])
objects = np.empty((2, 2), object)
objects[:] = [["a", None], [1, [2, "b"]]]
arrays["objects"] = objects
arrays["texts"] = np.array(["a", None, "b"], object)
arrays["mixed"] = np.array([(1, "x"), (2, None)], [("n", "i4"), ("o", "O")])

values = dict(arrays, twice=[arrays["<f8"], arrays["<f8"]], matrix=np.matrix([[1.0, 2.0]]),
              frame=pd.DataFrame({"x": [1.5, 2.5], "s": ["a", "b"]}),
              masked=np.ma.array([1.0, 2.0], mask=[False, True]), text="end")


def path(name):
    return os.path.join(folder, name)


def dump(value, name):
    with open(path(name), "wb") as file:
        pickle.dump(value, file, protocol=4)


dump(values, "values.pkl")
joblib.dump(values, path("plain.joblib"))
for kind in ("zlib", "gzip", "bz2", "lzma", "xz"):
    joblib.dump(values, path(kind + ".joblib"), compress=(kind, 3))


class Pickler(numpy_pickle.NumpyPickler):
    """As before version 1.2: nothing is aligned, and nothing says so."""

    def _create_array_wrapper(self, array):
        wrapper = numpy_pickle.NumpyPickler._create_array_wrapper(self, array)
        del wrapper.numpy_array_alignment_bytes
        return wrapper


with open(path("older.joblib"), "wb") as file:
    Pickler(file, protocol=2).dump(values)
assert str(joblib.load(path("older.joblib"))) == str(joblib.load(path("plain.joblib")))

dump(arrays, "arrays.pkl")
np.savez(path("stored.npz"), **arrays)
np.savez_compressed(path("deflated.npz"), **arrays)

with zipfile.ZipFile(path("versions.npz"), "w") as archive:
    for version in ((1, 0), (2, 0), (3, 0)):
        for name in ("<f8", "fortran", "structured"):
            file = io.BytesIO()
            npy.write_array(file, arrays[name], version=version)
            archive.writestr("%s %d.npy" % (name, version[0]), file.getvalue())
    archive.writestr("notes.txt", "no array")

small = {"a": np.arange(3.0), "b": "x"}
dump(small, "small.pkl")
pd.to_pickle(small, path("small.pkl.zip"))
pd.to_pickle(small, path("small.pkl.tar.gz"))
with zipfile.ZipFile(path("stored.pkl.zip"), "w") as archive:
    archive.writestr("small.pkl", pickle.dumps(small))
with zipfile.ZipFile(path("two.zip"), "w") as archive:
    archive.writestr("a.pkl", pickle.dumps(small))
    archive.writestr("b.pkl", pickle.dumps(small))
with zipfile.ZipFile(path("zip64.zip"), "w") as archive:
    with archive.open("small.pkl", "w", force_zip64=True) as member:
        member.write(pickle.dumps(small))
pd.to_pickle(small, path("pandas.pkl.bz2"))
pd.to_pickle(small, path("pandas.pkl.xz"))
