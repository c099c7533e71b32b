"""Seeds for the harnesses: whole files, and the insides of their entries.

Usage: python3 fuzz/seeds.py FIXTURES OUT      (OUT/pickle, OUT/entry, OUT/store)
"""
import gzip
import os
import struct
import sys

LARGEST = 20_000  # bytes: small seeds fuzz faster


def frames(data):
    at = 24
    while data[at:at + 1] == b"\x95" and at + 9 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at + 1)
        body = data[at + 9:at + 9 + size]
        if len(body) < size or size < 11:
            return
        yield body[:-8]
        at += 9 + size


fixtures, out = sys.argv[1:3]
for kind in ("pickle", "entry", "store"):
    os.makedirs(os.path.join(out, kind), exist_ok=True)
for name in sorted(os.listdir(fixtures)):
    if ".mmdpickle" not in name:
        continue
    opener = gzip.open if name.endswith(".gz") else open
    with opener(os.path.join(fixtures, name), "rb") as file:
        data = file.read()
    if len(data) <= LARGEST:
        for kind in ("pickle", "store"):
            with open(os.path.join(out, kind, name), "wb") as file:
                file.write(data)
    for i, body in enumerate(frames(data)):
        if len(body) <= LARGEST:
            with open(os.path.join(out, "entry", f"{name}-{i}"), "wb") as file:
                file.write(body)
