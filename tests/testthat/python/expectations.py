"""Compares what pickle.load gives for a file that R wrote with explicit expectations.

    expectations.py FILE EXPECTED

EXPECTED is a file of lines "key<TAB>Python expression"; the expression is evaluated with
`np`, `ma`, the modules that are imported here, and a few helpers below. A line of output for each difference: none is good.
Types, dtypes, shapes, memory order, the signs of zeros and the bits of R's NA count.
"""

import collections
import datetime
import decimal
import fractions
import pathlib
import pickle
import struct
import sys
import uuid
import zoneinfo

import numpy as np
import numpy.ma as ma

pd = None  # set by those who compare values of pandas

# R's NA_real_: a quiet NaN that carries 1954.
NA = struct.unpack("<d", struct.pack("<Q", 0x7FF00000000007A2))[0]


def masked(data, mask, dtype):
    return ma.MaskedArray(np.array(data, dtype), np.array(mask, bool))


def objects(shape, items):
    array = np.empty(len(items), object)
    array[:] = items
    return array.reshape(shape)


def bits(x):
    return struct.pack("<d", x)


def same_float(a, b):
    if a != a and b != b:
        # A NaN made by arithmetic may have either sign; R's NA is the one with 1954.
        return (bits(a)[:2] == bits(NA)[:2]) == (bits(b)[:2] == bits(NA)[:2])
    return bits(a) == bits(b)


def difference(a, b, at=""):
    """None, or where and how a is not b."""
    if type(a) is not type(b):
        return "%s: of type %s, not %s" % (at, type(a).__name__, type(b).__name__)
    if type(a).__module__.startswith("pandas"):
        return None if same_pandas(a, b) else "%s: %r, not %r" % (at, a, b)
    if isinstance(a, ma.MaskedArray):
        mask = ma.getmaskarray(b)
        if not np.array_equal(ma.getmaskarray(a), mask):
            return "%s: the mask is %s, not %s" % (at, a.mask, b.mask)
        return array_difference(a.data, b.data, at, ~mask)
    if isinstance(a, np.ndarray):
        return array_difference(a, b, at)
    if isinstance(a, dict):
        if list(a) != list(b):
            return "%s: keys %r, not %r" % (at, list(a), list(b))
        return first(difference(a[key], b[key], "%s[%r]" % (at, key)) for key in a)
    if isinstance(a, (list, tuple)):
        if len(a) != len(b):
            return "%s: length %d, not %d" % (at, len(a), len(b))
        return first(difference(x, y, "%s[%d]" % (at, i)) for i, (x, y) in enumerate(zip(a, b)))
    if isinstance(a, BaseException):
        return difference(a.args, b.args, at)
    if isinstance(a, datetime.datetime):
        good = a == b and a.utcoffset() == b.utcoffset()
    elif isinstance(a, float):
        good = same_float(a, b)
    elif isinstance(a, complex):
        good = same_float(a.real, b.real) and same_float(a.imag, b.imag)
    else:
        good = a == b
    return None if good else "%s: %r, not %r" % (at, a, b)


def same_pandas(a, b):
    return a is b or (a.equals(b) if hasattr(a, "equals") else a == b)


def array_difference(a, b, at, look=None):
    for name in "dtype", "shape":
        if getattr(a, name) != getattr(b, name):
            return "%s: %s %s, not %s" % (at, name, getattr(a, name), getattr(b, name))
    for name in "c_contiguous", "f_contiguous":
        if getattr(a.flags, name) != getattr(b.flags, name):
            return "%s: %s is %s" % (at, name, getattr(a.flags, name))
    if not a.flags.writeable:
        return "%s: not writable" % at
    if not a.flags.aligned:
        return "%s: not aligned" % at
    if look is not None:
        a, b = a[look], b[look]
    if a.dtype == np.dtype("O"):
        return difference(a.ravel().tolist(), b.ravel().tolist(), at)
    if a.dtype.kind in "fc":
        pairs = [(a.real, b.real), (a.imag, b.imag)] if a.dtype.kind == "c" else [(a, b)]
        good = all(
            np.array_equal(x, y, equal_nan=True)
            and np.array_equal(np.signbit(x)[~np.isnan(x)], np.signbit(y)[~np.isnan(y)])
            for x, y in pairs
        )
        if good and a.dtype == np.dtype("f8"):
            good = all(map(same_float, a.ravel().tolist(), b.ravel().tolist()))
    else:
        good = a.tobytes() == b.tobytes()
    return None if good else "%s: %s, not %s" % (at, a.tolist(), b.tolist())


def first(problems):
    return next((problem for problem in problems if problem is not None), None)


def value(expression):
    return eval(expression)


def main(path, expected):
    with open(path, "rb") as file:
        found = pickle.load(file)
    with open(expected, encoding="utf-8") as lines:
        wanted = [line.rstrip("\n").split("\t") for line in lines]
    keys = [key for key, _ in wanted]
    if list(found) != keys:
        print("keys are %r, not %r" % (list(found), keys))
    for key, expression in wanted:
        try:
            problem = difference(found[key], value(expression), repr(key))
        except Exception as error:
            problem = "%r: %s: %s" % (key, type(error).__name__, error)
        if problem is not None:
            print(problem)


if __name__ == "__main__":
    main(*sys.argv[1:])
