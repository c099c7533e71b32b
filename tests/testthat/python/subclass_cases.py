"""Writes ../fixtures/subclasses.pickle.gz: {name: pickle}, of classes that R has no counterpart of.

    subclass_cases.py FILE

Needs SciPy's neighbours astropy, xarray, shapely and scikit-learn (as Debian 12 has them).
"""

import array
import collections
import datetime
import enum
import gzip
import pickle
import pickletools
import sys
import types

import astropy.table
import astropy.units as u
import numpy as np
import shapely.geometry
import sklearn.utils
import xarray

lab = types.ModuleType("lab")
sys.modules["lab"] = lab


def own(kind):
    """As if the class were of a module `lab`."""
    kind.__module__, kind.__qualname__ = "lab", kind.__name__
    setattr(lab, kind.__name__, kind)
    return kind


def by_value(self, protocol):  # as Python 3.12 has it
    return type(self), (self._value_,)


@own
class Color(enum.Enum):
    RED = 1
    __reduce_ex__ = by_value


@own
class Level(enum.IntEnum):
    HIGH = 3
    __reduce_ex__ = by_value


@own
class Mode(str, enum.Enum):
    FAST = "fast"
    __reduce_ex__ = by_value


@own
class Named(enum.Enum):
    RED = 1


for name, bases in {
    "Float": (float,), "Int": (int,), "Str": (str,), "List": (list,), "Dict": (dict,),
    "Tuple": (tuple,), "Point": (collections.namedtuple("Point", "x y"),), "Array": (np.ndarray,),
    "Masked": (np.ma.MaskedArray,), "User": (collections.UserDict,),
}.items():
    own(type(name, bases, {}))


@own
class Info(np.ndarray):
    """As the manual of NumPy has it."""

    def __reduce__(self):
        make, args, state = super().__reduce__()
        return make, args, state + (self.info,)


@own
class Both(np.ndarray):
    """As astropy's Quantity."""

    def __reduce__(self):
        make, args, state = super().__reduce__()
        return make, args, (state, self.__dict__)


def cases():
    grid = np.arange(6.0).reshape(2, 3)
    yield "quantity", grid * u.m
    table = astropy.table.Table({"a": [1, 2], "b": [1.5, 2.5]})
    yield "column", table["b"]
    yield "table", table
    masked = astropy.table.Table({"a": [1, 2]}, masked=True)
    masked["a"].mask = [True, False]
    yield "masked column", masked["a"]
    data = xarray.DataArray(grid, dims=("x", "y"), coords={"x": [10, 20]}, name="t")
    yield "data array", data
    yield "dataset", xarray.Dataset({"t": data})
    yield "shape", shapely.geometry.Point(1, 2)
    yield "bunch", sklearn.utils.Bunch(data=grid, target=np.array([0, 1]), names=["a", "b"])
    yield "array", grid.view(lab.Array)
    yield "array F", np.asfortranarray(grid).view(lab.Array)
    yield "array objects", np.array(["a", None], dtype=object).view(lab.Array)
    yield "array records", np.array([(1, 0.5)], [("i", "i4"), ("x", "f8")]).view(lab.Array)
    yield "array large", np.arange(20000.0).view(lab.Array)
    yield "masked", np.ma.array([1.0, 2, 3], mask=[0, 1, 0]).view(lab.Masked)
    info = grid.view(lab.Info)
    info.info = {"unit": "K"}
    yield "info", info
    both = grid.view(lab.Both)
    both.unit, both.scale = "K", 2
    yield "both", both
    for name, value in {
        "Float": lab.Float(1.5), "Int": lab.Int(3), "Str": lab.Str("abc"), "List": lab.List([1, "b"]),
        "Dict": lab.Dict(a=1, b=grid), "Tuple": lab.Tuple((1, "b")),
    }.items():
        yield name, value
        if name != "Tuple":
            value.note = "n"
            yield name + " with more", value
    yield "Point", lab.Point(1, "b")
    yield "Color", lab.Color.RED
    yield "Level", lab.Level.HIGH
    yield "Mode", lab.Mode.FAST
    yield "Named", lab.Named.RED
    yield "UserDict", collections.UserDict(a=1, b="x")
    yield "User", lab.User(a=1)
    yield "UserList", collections.UserList([1, 2])
    yield "SimpleNamespace", types.SimpleNamespace(a=1, b="x")
    yield "ChainMap", collections.ChainMap({"a": 1}, {"a": 2, "b": 3})
    for code in "bBhHiIlLqQfd":
        yield "array.array " + code, array.array(code, [1, 2, 100])
        yield "array.array empty " + code, array.array(code)
    yield "array.array u", array.array("u", "ab")
    for dtype in ["f4", ">f8", "?", "U7", "S3", "O", "M8[25s]", "m8[ns]", "c16", "V5", "i4, f8"]:
        yield "dtype " + str(np.dtype(dtype)), np.dtype(dtype)
    yield "dtype of arrays", np.dtype(("i4", (2, 3)))
    yield "dtype aligned", np.dtype("i1, f8", align=True)
    yield "dtype metadata", np.dtype("f8", metadata={"a": 1})
    hour = datetime.timedelta(hours=1)
    for zone in [datetime.timezone.utc, datetime.timezone(-9.5 * hour), datetime.timezone(hour, "X")]:
        yield "zone " + str(zone), zone
        yield "time " + str(zone), datetime.time(12, 30, tzinfo=zone)


def main(path):
    out = {}
    for name, value in cases():
        for protocol in (0, 2, 4, 5):
            if name == "array large" and protocol != 4:
                continue
            if name in ("data array", "dataset") and protocol < 2:
                continue  # slots: Python refuses
            out[f"{name}/{protocol}"] = pickletools.optimize(pickle.dumps(value, protocol))
    with gzip.GzipFile(path, "wb", mtime=0) as f:
        f.write(pickle.dumps(out, 4))


main(sys.argv[1])
