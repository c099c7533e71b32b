"""Seeds for the harnesses: whole files, the insides of their entries, single pickles.

Usage: python3 fuzz/seeds.py OUT FOLDER...    (OUT/HARNESS/...)

A folder holds mmapdict files (.mmdpickle, also gzipped), gzipped pickles (.pickle.gz), gzipped
JSON lines with members "pickle" or "file" in base64, and such in xz with pickles of pyarrow's
objects in hex.
"""
import base64
import glob
import gzip
import json
import lzma
import os
import pickle
import struct
import sys
import zipfile

LARGEST = 20_000  # bytes: small seeds fuzz faster
OF_PICKLES = ("pickle", "recognise", "plan")
OF_FILES = ("store", "fsck", "reference")


def frames(data):
    at = 24
    while data[at:at + 1] == b"\x95" and at + 9 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at + 1)
        body = data[at + 9:at + 9 + size]
        if len(body) < size or size < 11:
            return
        yield body[:-8]
        at += 9 + size


def cases(path):
    with gzip.open(path, "rt") as lines:
        for line in lines:
            case = json.loads(line)
            for kind in ("pickle", "file"):
                if isinstance(case.get(kind), str):
                    yield kind, base64.b64decode(case[kind])


def save(kinds, name, data):
    if len(data) > LARGEST:
        return
    for kind in kinds:
        with open(os.path.join(out, kind, name), "wb") as file:
            file.write(data)


# -- arrays that grow, as vignettes/format.Rmd has them ---------------------------------------


def text(name):
    return b"\x8c" + bytes([len(name)]) + name.encode()


def framed(body, state=b"\x88", slots=1):
    body += b"J" + struct.pack("<I", slots) + b"0" + state + b"0"
    return b"\x95" + struct.pack("<Q", len(body)) + body


def data_of(size):
    return b"\x8e" + struct.pack("<Q", size) + bytes(range(size))


def shape_of(*extents):
    return b"".join(b"J" + struct.pack("<i", n) for n in extents) + b"\x85\x86\x87"[
        len(extents) - 1:len(extents)]


def grown(shape, dtype, slot):
    return (text("numpy") + text("array") + b"\x93" + text("numpy") + text("ndarray") + b"\x93" +
            shape + text("numpy") + text("dtype") + b"\x93" + text(dtype) + b"\x85R" +
            b"h" + bytes([slot]) + b"\x87R\x85R")


def growing_entries():
    head = (text("numpy.core.fromnumeric") + text("reshape") + b"\x93" +
            text("numpy.core.multiarray") + text("fromstring") + b"\x93")
    for head_length in (2, 3):  # the latter after an append that was interrupted
        shape = shape_of(3, 2)
        swallowed = 9 + 2 + 1 + len(head)
        yield b"\x95" + struct.pack("<Q", 12) + text("") + b"N\x8e" + struct.pack(
            "<Q", swallowed) + framed(
                text("g") + head + data_of(100) + text("float64") + b"\x880" +
                shape_of(head_length, 2) + b"00q\x000000" + text("g") +
                grown(shape, "float64", 0))
    yield framed(text("p") + data_of(20) + b"q\x000" + grown(shape_of(2), "<U2", 0))
    yield framed(
        text("m") + data_of(20) + b"q\x000" + data_of(9) + b"q\x010" + text("numpy.ma") +
        text("MaskedArray") + b"\x93" + grown(shape_of(4) + b"q\x02", "int32", 0) +
        grown(b"h\x02", "bool", 1) + b"\x86R", slots=3)


def growing_file():
    header = b"\x80\x04" + b"\x95" + struct.pack("<Q", 13) + struct.pack("<cIccIcc", b"J", 1, b"0", b"J", 4, b"0", b"(")
    return header + b"".join(growing_entries()) + b"\x95" + struct.pack("<Q", 2) + b"d."


out = sys.argv[1]
for harness in OF_PICKLES + OF_FILES + ("entry", "arrow", "npy", "joblib"):
    os.makedirs(os.path.join(out, harness), exist_ok=True)
save(("reference",), "reference", pickle.dumps(
    (2, b"/a/path", b"key", 1 << 40, 7, 24, -(1 << 62), 1 << 62, 1, 0), protocol=4))
save(OF_PICKLES + OF_FILES, "growing", growing_file())
for i, body in enumerate(frames(growing_file())):
    save(("entry", "plan"), f"growing-{i}", body)
for folder in sys.argv[2:]:
    # Files beside pickles: each by itself, and the members of the archives.
    beside = os.path.join(folder, "files")
    for name in sorted(os.listdir(beside)) if os.path.isdir(beside) else ():
        with open(os.path.join(beside, name), "rb") as opened:
            whole = opened.read()
        save(("joblib",) if name.endswith(".joblib") else ("npy",), name, whole)
        if name.endswith("stored.npz") or name.endswith("versions.npz"):
            with zipfile.ZipFile(os.path.join(beside, name)) as archive:
                for i, member in enumerate(archive.namelist()):
                    save(("npy",), f"{name}-{i}", archive.read(member))
    for path in sorted(glob.glob(os.path.join(folder, "**"), recursive=True)):
        name = os.path.basename(path)
        if name.endswith(".jsonl.gz"):
            for i, (member, data) in enumerate(cases(path)):
                save(OF_PICKLES if member == "pickle" else OF_FILES, f"{name}-{i}", data)
        if name.endswith(".jsonl.xz"):
            with lzma.open(path, "rt") as lines:
                for i, line in enumerate(lines):
                    data = bytes.fromhex(json.loads(line)["pickle"])
                    save(OF_PICKLES + ("arrow",), f"{name}-{i}", data)
        if name.endswith(".pickle.gz"):
            with gzip.open(path, "rb") as opened:
                save(OF_PICKLES, name, opened.read())
        if ".mmdpickle" not in name:
            continue
        with (gzip.open if name.endswith(".gz") else open)(path, "rb") as opened:
            whole = opened.read()
        save(OF_PICKLES + OF_FILES, name, whole)
        for i, body in enumerate(frames(whole)):
            save(("entry", "plan"), f"{name}-{i}", body)
