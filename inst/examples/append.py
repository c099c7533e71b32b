"""Rows for an array that grows in an mmapdict, written by Python with NumPy and fcntl alone.

    from append import append
    append("scan.mmdpickle", "images", image)

The array has to be there, with room: R makes one by

    m[["images"]] <- growing_ndarray(c(0, 480, 640), "uint16", capacity = 1000)

It is written as R writes it (vignette("format"), "Arrays that grow"): whoever looks on sees the
array with all of the rows or without them, also if this program is killed in the midst of it.
Masked and structured arrays, which stand in another form, and arrays without room are errors.
"""

import fcntl
import os
import struct

import numpy

HEADER, NUMBER_AT, LIVE = 24, 18, b"\x88"
GROWS = b"\x8c\x05numpy\x8c\x05array\x93\x8c\x05numpy\x8c\x07ndarray\x93"
FROMSTRING = b"\x8c\x0afromstring\x93"


def find(file, key):
    """Where the entry of that key begins behind its frame, and how long it is."""
    wanted, place, at = b"\x8c" + bytes([len(key)]) + key, None, HEADER
    while True:
        file.seek(at)
        head = file.read(11 + len(key))
        size = struct.unpack("<Q", head[1:9])[0]
        if head[9:11] == b"d.":  # the terminator
            break
        file.seek(at + 9 + size - 2)
        if head[9:] == wanted and file.read(1) == LIVE:
            place = at + 9, size  # the last one counts
        at += 9 + size
    if place is None:
        raise KeyError(key.decode())
    return place


def extents_at(text, at):
    """The extents of a shape, and where the first of them stands."""
    at += text[at : at + 1] == b"("
    first, extents = at + 1, []
    while text[at : at + 1] == b"J":
        extents += struct.unpack("<i", text[at + 1 : at + 5])
        at += 5
    return first, extents


def append(path, key, rows):
    """Appends one row, or several (an array of the array's rank)."""
    key = key.encode()
    with open(path, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Another file may have taken the name while we waited: a vacuum.
        if not os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
            return append(path, key.decode(), rows)
        begin, size = find(file, key)
        file.seek(begin)
        head = file.read(min(size, 200 + len(key)))
        data = head.find(FROMSTRING) + len(FROMSTRING) + 9
        if data < 2 + len(key) + 70 or head[data - 9 : data - 8] != b"\x8e":
            raise ValueError("not an array that Python's library maps")
        capacity = struct.unpack("<Q", head[data - 8 : data])[0]
        data += begin
        file.seek(data + capacity)
        tail = file.read(begin + size - data - capacity)
        dtype = numpy.dtype(tail[2 : 2 + tail[1]].decode())
        in_head = extents_at(tail, 2 + tail[1] + 2)[0]
        call = tail.find(GROWS)
        if call < 0:
            raise ValueError("the array does not grow yet: R's first mmap_append() sees to it")
        in_value, shape = extents_at(tail, call + len(GROWS))
        rows = numpy.ascontiguousarray(rows, dtype).reshape([-1] + shape[1:])
        row = dtype.itemsize * int(numpy.prod(shape[1:], dtype=int))
        length = shape[0] + len(rows)
        tail_at = data + capacity
        crosses = any((tail_at + at) % 4096 > 4092 for at in (in_value, in_head))
        if length * row > capacity or length >= 2**31 or crosses:
            raise ValueError("no room: make the array with more, or append in R")
        number = struct.unpack("<i", os.pread(file.fileno(), 4, NUMBER_AT))[0]
        for at, what in (
            (data + shape[0] * row, rows.tobytes()),
            (NUMBER_AT, struct.pack("<i", (number + 1) & 0x7FFFFFFF)),
            (tail_at + in_value, struct.pack("<i", length)),  # from here on it shows
            (tail_at + in_head, struct.pack("<i", length)),
        ):
            while what:
                done = os.pwrite(file.fileno(), what, at)
                at, what = at + done, what[done:]


if __name__ == "__main__":
    # python3 append.py scan.mmdpickle images 100: so many images by chance, ten a second
    import pickle
    import sys
    import time

    for _ in range(int(sys.argv[3])):
        with open(sys.argv[1], "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            shape = pickle.load(file)[sys.argv[2]].shape
        append(sys.argv[1], sys.argv[2], numpy.random.random(shape[1:]))
        time.sleep(0.1)
