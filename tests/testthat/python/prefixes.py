"""Loads files that a test wrote, and says what is in each.

    prefixes.py FOLDER

One line of JSON for each file of the folder, by name:

    {"file": name, "entries": [[key, digest], ...], "tail": n, "walk": text or null}
    {"file": name, "error": text}

`entries` is the dict that pickle gives, sorted by key; the digest of a value tells its type,
dtype, shape, memory order and content. `tail` counts the bytes behind the pickle's end.
`walk` is null if the frames lead from the header to the last 11 bytes of the file, as the
Python library mmappickle walks them, else where they do not.

A file may call numpy.array, numpy.ndarray, numpy.dtype and numpy.ma.MaskedArray, and nothing
else.
"""

import hashlib
import json
import os
import pickle
import struct
import sys
import warnings

import numpy
import numpy.ma

HEADER, TERMINATOR = 24, 11
ALLOWED = {
    ("numpy", "array"), ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.ma", "MaskedArray"),
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError("asks for %s.%s" % (module, name))
        return super().find_class(module, name)


def array_digest(array):
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    if array.dtype.hasobject:
        content = digest(array.ravel().tolist())
    else:
        content = hashlib.sha256(array.tobytes()).hexdigest()[:16]
    return "%s%r%s%s:%s" % (
        array.dtype.str, array.shape, order, "" if array.flags.writeable else "!", content
    )


def digest(value):
    if isinstance(value, numpy.ma.MaskedArray):
        # What lies under the mask is no content.
        return "masked(%s, %s)" % (
            array_digest(value.filled(0)), array_digest(numpy.ma.getmaskarray(value))
        )
    if isinstance(value, numpy.ndarray):
        return array_digest(value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join(
            "%r: %s" % (key, digest(item)) for key, item in value.items()
        )
    if isinstance(value, (list, tuple)):
        return "%s(%s)" % (type(value).__name__, ", ".join(map(digest, value)))
    if isinstance(value, (bytes, str)) and len(value) > 64:
        data = value if isinstance(value, bytes) else value.encode()
        return "%s %d %s" % (
            type(value).__name__, len(value), hashlib.sha256(data).hexdigest()[:16]
        )
    return "%s %r" % (type(value).__name__, value)


def walk(data):
    at, end = HEADER, len(data) - TERMINATOR
    while at < end:
        if data[at] != 0x95:
            return "no frame at %d" % at
        at += 9 + struct.unpack_from("<Q", data, at + 1)[0]
    return None if at == end else "frames end at %d, not %d" % (at, end)


def look_at(path):
    with open(path, "rb") as file:
        value = Unpickler(file).load()
        tail = os.path.getsize(path) - file.tell()
        file.seek(0)
        data = file.read()
    if type(value) is not dict:
        raise TypeError("a %s, not a dict" % type(value).__name__)
    entries = sorted([key, digest(item)] for key, item in value.items())
    return {"entries": entries, "tail": tail, "walk": walk(data)}


def main(folder):
    warnings.simplefilter("error")
    for name in sorted(os.listdir(folder)):
        try:
            found = look_at(os.path.join(folder, name))
        except Exception as problem:  # any: what it is, is the finding
            found = {"error": "%s: %s" % (type(problem).__name__, problem)}
        print(json.dumps(dict(found, file=name)))


main(sys.argv[1])
