"""Loads with Python's pickle what store_kill_test.cpp found that a killed process may leave.

    kill_states.py FILE

FILE is what the core's tests write where MMAPPICKLE_KILL_STATES names it:

    base SIZE               and SIZE bytes: a whole file; they are numbered from 0
    change BASE BETWEEN NAME  an operation on that file, with
    write OFFSET SIZE         and SIZE bytes: its writes, in order, or
    after SIZE                and SIZE bytes: the file that it renames over the base; and
    state CALLS FROM SIZE     CALLS of the writes are made, and SIZE bytes, from FROM on, of
                              the next

Each state has to give the dict before the operation, or the one after it, with both of
CPython's unpicklers; of arrays that are overwritten (BETWEEN is 1) any elements may be new;
what is moved (BETWEEN is 2) may be there under its old key, too.
Prints what does not, and the numbers at last; the exit status is 1 if anything does not.
"""

import io
import pickle
import sys
import warnings

import numpy
import numpy.ma


def reshape_fromstring(data, dtype):
    return numpy.frombuffer(data, dtype).copy()


# The seed has an array of the Python library's form, which NumPy 2.3 and newer cannot read.
KNOWN = {
    ("numpy", "ndarray"): numpy.ndarray,
    ("numpy", "array"): numpy.array,
    ("numpy", "dtype"): numpy.dtype,
    ("numpy.ma", "MaskedArray"): numpy.ma.MaskedArray,
    ("numpy.core.fromnumeric", "reshape"): numpy.reshape,
    ("numpy.core.multiarray", "fromstring"): reshape_fromstring,
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        return KNOWN[module, name]


class PythonUnpickler(pickle._Unpickler):
    def find_class(self, module, name):
        return KNOWN[module, name]


def described(value):
    """What can be compared; in place of an array its bytes."""
    if isinstance(value, numpy.ma.MaskedArray):
        mask = numpy.ma.getmaskarray(value)
        fill = numpy.array(value.fill_value)
        return "masked", described(value.filled(0)), described(mask), described(fill)
    if isinstance(value, numpy.ndarray):
        order = value.flags.c_contiguous, value.flags.f_contiguous, value.flags.writeable
        return "array", value.dtype.str, value.shape, order, value.tobytes()
    if isinstance(value, dict):
        return {key: described(item) for key, item in value.items()}
    return type(value), value


def load(data, unpickler):
    value = unpickler(io.BufferedReader(io.BytesIO(data))).load()
    if type(value) is not dict:
        raise TypeError("a %s, not a dict" % type(value).__name__)
    return described(value)


def is_mix(value, one, other):
    """Equal to both but for the bytes of arrays, each of which is that of one of them."""
    if value == one or value == other:
        return True
    if isinstance(value, dict):
        return value.keys() == one.keys() == other.keys() and all(
            is_mix(value[key], one[key], other[key]) for key in value
        )
    return (
        value[0] == "array" and value[:4] == one[:4] == other[:4]
        and all(byte in both for byte, both in zip(value[4], zip(one[4], other[4])))
    )


def overwritten(data, offset, new):
    return data[:offset].ljust(offset, b"\0") + new + data[offset + len(new):]


class Change:
    def __init__(self, base, between, name):
        self.before, self.between, self.name = base, between, name
        self.files = [base]  # before and after each write
        self.writes = []
        self.ends = None

    def write(self, offset, new):
        self.writes.append((offset, new))
        self.files.append(overwritten(self.files[-1], offset, new))

    def problem(self, data):
        try:
            if self.ends is None:
                self.ends = [load(end, Unpickler) for end in (self.before, self.files[-1])]
            found = load(data, Unpickler)
            if load(data, PythonUnpickler) != found:
                return "CPython's two unpicklers do not agree"
        except Exception as error:  # any: what it is, is the finding
            return "%s: %s" % (type(error).__name__, error)
        before, after = self.ends
        if found in self.ends or (self.between == 1 and is_mix(found, before, after)):
            return None
        if self.between == 2 and found == {**before, **after}:
            return None
        return "neither the file before nor the one after"

    def state(self, calls, start, size):
        data = self.files[calls]
        if size:
            offset, new = self.writes[calls]
            data = overwritten(data, offset + start, new[start : start + size])
        return data


def main(path):
    warnings.simplefilter("error")
    bases, change, changes, states, failures = [], None, 0, 0, 0
    with open(path, "rb") as file:
        for line in file:
            what, *rest = line.decode().split()
            data = None
            if what == "history":
                bases = []
            elif what == "base":
                bases.append(file.read(int(rest[0])))
            elif what == "change":
                changes += 1
                change = Change(bases[int(rest[0])], int(rest[1]), " ".join(rest[2:]))
            elif what == "write":
                change.write(int(rest[0]), file.read(int(rest[1])))
            elif what == "after":
                data = file.read(int(rest[0]))
                change.files.append(data)
            else:
                data = change.state(*map(int, rest))
            if data is None:
                continue
            states += 1
            problem = change.problem(data)
            if problem:
                failures += 1
                print("%s, state %s: %s" % (change.name, " ".join(rest), problem))
    print("%d changes, %d states, %d of them wrong" % (changes, states, failures))
    return 1 if failures or not states else 0


sys.exit(main(sys.argv[1]))
