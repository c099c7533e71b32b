"""Maps arrays by their places, compares them with what pickle.load gives, and writes
through the maps.

    mapped.py FILE ENTRIES [flip]

ENTRIES has a line "key<TAB>dtype<TAB>shape<TAB>order<TAB>offset" for each array, the shape
as numbers with commas. With `flip` each array is reversed along all axes, by its map. A line
of output for each difference.
"""

import pickle
import sys

import numpy as np


def places(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            key, dtype, shape, order, offset = line.rstrip("\n").split("\t")
            yield key, dtype, tuple(int(n) for n in shape.split(",") if n), order, int(offset)


def main(path, entries, flip=None):
    with open(path, "rb") as file:
        values = pickle.load(file)
    for key, dtype, shape, order, offset in places(entries):
        if 0 in shape:
            continue  # NumPy maps no empty array
        mapped = np.memmap(path, dtype, "r+", offset, shape, order)
        value = np.ma.getdata(values[key])
        # As bytes of the native byte order: NaT, NaN and their payloads are equal, too.
        native = mapped.astype(mapped.dtype.newbyteorder("="), order="A")
        if (value.dtype, value.shape) != (native.dtype, native.shape):
            print("%r: %s%s, mapped %s%s" % (
                key, value.dtype, value.shape, native.dtype, native.shape))
        elif value.tobytes() != native.tobytes():
            print("%r: %r, mapped %r" % (key, value, native))
        if not mapped.flags.aligned or offset % 64 != 0:
            print("%r: at %d" % (key, offset))
        if flip:
            mapped[...] = np.flip(mapped).copy()
            mapped.flush()


main(*sys.argv[1:])
