"""Maps arrays of a file by what entries() of R says of them: memmaps.py FILE TABLE (in JSON)."""

import json
import pickle
import sys

import numpy as np

path, table = sys.argv[1:]
with open(table) as file:
    rows = json.load(file)

values = None
for row in rows:
    shape = tuple(map(int, row["shape"]))
    mapped = np.memmap(path, row["dtype"], "r", int(row["offset"]), shape, row["order"])
    if mapped.nbytes > 1e9:
        print(row["key"], int(mapped[(-1,) * mapped.ndim]))
        continue
    if values is None:
        with open(path, "rb") as file:
            values = pickle.load(file)
    value = np.ma.getdata(values[row["key"]])  # which pickle has brought to this machine's order
    same = value.dtype.newbyteorder("=") == mapped.dtype.newbyteorder("=")
    same = same and value.shape == mapped.shape and np.array_equal(value, mapped)
    print(row["key"], "same" if same else "DIFFERS")
