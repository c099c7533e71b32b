"""Loads mmapdict files by pickle.load, and says which keys are in each.

    keys.py FOLDER

One line of JSON for each file of the folder, by name: {"file": name, "keys": [...]} or
{"file": name, "error": text}. A file may make arrays, in the Python library's form or in
the portable one, and call nothing else. (NumPy 2.3 and newer have lost the function of the
former; here frombuffer stands for it.)
"""

import json
import os
import pickle
import sys
import warnings

import numpy

ALLOWED = {
    ("numpy", "array"), ("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.ma", "MaskedArray"),
    ("numpy.core.fromnumeric", "reshape"), ("numpy.core.multiarray", "fromstring"),
    ("numpy.ma.core", "MaskedArray"),
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError("asks for %s.%s" % (module, name))
        if name == "fromstring":
            return numpy.frombuffer
        return super().find_class(module, name)


def look(path):
    try:
        with open(path, "rb") as file:
            return {"keys": list(Unpickler(file).load())}
    except Exception as error:  # whatever a damaged file brings about
        return {"error": "%s: %s" % (type(error).__name__, error)}


def main(folder):
    warnings.simplefilter("ignore")
    for name in sorted(os.listdir(folder)):
        print(json.dumps(dict(look(os.path.join(folder, name)), file=name)))


if __name__ == "__main__":
    main(sys.argv[1])
