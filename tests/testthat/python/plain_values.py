"""What pickle.load gives for an mmapdict of arrays, as JSON: {key: {"shape", "values"}}. The values
are the elements in C order, null where they are masked or no time; floats are texts, complex
numbers two of them, times seconds or days; of a structured array a dict of its fields."""
import json
import pickle
import sys

import numpy

UNITS = {"D": 1, "s": 1, "m": 1e3, "u": 1e6, "n": 1e9}


def plain(x):
    if x.dtype.fields is not None:
        return {name: plain(x[name]) for name in x.dtype.names}
    mask = numpy.ma.getmaskarray(x).ravel().tolist()
    x = numpy.ma.getdata(x).ravel()
    if x.dtype.kind in "Mm":
        mask = [a or b for a, b in zip(mask, numpy.isnat(x).tolist())]
        x = x.astype("int64") / UNITS[x.dtype.str[4]]
    if x.dtype.kind == "c":
        x = numpy.stack([x.real, x.imag], -1).ravel()
        mask = [False] * len(x)
    return [
        None if masked else repr(value) if isinstance(value, float) else value
        for value, masked in zip(x.tolist(), mask)
    ]


for unpickler in (pickle.Unpickler, pickle._Unpickler):
    with open(sys.argv[1], "rb") as file:
        values = unpickler(file).load()
print(json.dumps({k: {"shape": list(v.shape), "values": plain(v)} for k, v in values.items()}))
