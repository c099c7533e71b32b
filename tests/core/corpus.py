#!/usr/bin/env python3
"""Turns the corpora of pickles into files that corpus_test.cpp can read.

    corpus.py CORPUS_FOLDER OUT_FOLDER

Needs nothing but the standard library, and loads no pickle. Each corpus becomes
OUT_FOLDER/NAME.bin, a run of records:

    u32 size, name; u8 expectation; u64 size, bytes; u64 size, value

`expectation`: E the reader must raise an error, O it must not, - either, W the bytes are an
entry's value that must come out the same when it is read and written again. `value`: what
is to be read, in the notation of canonical() below; empty if it is not told, or is no plain
value.
"""

import base64
import gzip
import json
import os
import struct
import sys

CORPORA = ["pickletester", "hostile_pickles", "serde_pickle", "wild", "ogrek_fuzz", "values"]


def expectation(case):
    """By the rules of the corpora's README."""
    if "expected" in case:
        return {"error": "E", "value": "O"}.get(case["expected"]["outcome"], "-")
    if "cpython" not in case:
        return "O"
    outcome = case["cpython"]
    if outcome["ok"]:
        return "O"
    message = outcome.get("message", "")
    # Inert nodes to this reader.
    inert = ("persistent" in message or "out-of-band" in message or
             # CPython would call what the corpus's unpickler had an inert stand-in for.
             "not Opaque" in message)
    if outcome["error"] == "UnpicklingError":
        return "-" if inert else "E"
    if outcome["error"] == "EOFError":
        return "E"
    if case["name"].startswith("datetimetester/"):
        return "O"  # Python 2 strings: latin1 fails for an inert stand-in's sake alone
    if outcome["error"] == "UnicodeDecodeError":
        return "O" if "latin1" in outcome else "E"
    return "-"


class NotPlain(Exception):
    pass


def hex_of(d):
    if "utf8_surrogatepass_hex" in d:
        return d["utf8_surrogatepass_hex"]
    return d["v"].encode("utf-8").hex()


def big_int(x):
    bits = (x if x >= 0 else ~x).bit_length() + 1
    return "I" + x.to_bytes((bits + 7) // 8, "little", signed=True).hex()


def real(d):
    if d["v"] == "nan":
        return "f" + d["bits"]
    x = float(d["v"]) if "inf" in d["v"] else float.fromhex(d["v"])
    return "f" + struct.pack(">d", x).hex()


def canonical(d):
    t = d["t"]
    if "id" in d:
        raise NotPlain
    if t == "None":
        return "N"
    if t == "bool":
        return "T" if d["v"] else "F"
    if t == "int":
        x = int(d["v"])
        return "i%d" % x if -2**63 <= x < 2**63 else big_int(x)
    if t == "float":
        return real(d)
    if t == "str":
        return "s" + hex_of(d)
    if t == "bytes":
        return "b" + d["hex"]
    if t == "bytearray":
        return "a" + d["hex"]
    if t in ("list", "tuple"):
        items = ",".join(canonical(i) for i in d["items"])
        return ("[%s]" if t == "list" else "(%s)") % items
    if t in ("set", "frozenset"):
        items = ",".join(sorted(canonical(i) for i in d["items"]))
        return ("<%s>" if t == "set" else "!<%s>") % items
    if t == "dict":
        return "{%s}" % ",".join(canonical(k) + ":" + canonical(v) for k, v in d["items"])
    raise NotPlain


def value(case):
    d = case.get("value") or case.get("expected", {}).get("value") or \
        case.get("cpython", {}).get("value")
    if d is None:
        return ""
    try:
        return canonical(d)
    except NotPlain:
        return ""


def record(name, expected, pickled, told):
    name, told = name.encode(), told.encode()
    return b"".join([struct.pack("<I", len(name)), name, expected.encode(),
                     struct.pack("<Q", len(pickled)), pickled,
                     struct.pack("<Q", len(told)), told])


def cases(path):
    with gzip.open(path, "rt") as lines:
        for line in lines:
            yield json.loads(line)


def main(corpus, out):
    os.makedirs(out, exist_ok=True)
    sys.setrecursionlimit(10000)
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    for name in CORPORA:
        with open(os.path.join(out, name + ".bin"), "wb") as f:
            for case in cases(os.path.join(corpus, name + ".jsonl.gz")):
                f.write(record(case["name"], expectation(case),
                               base64.b64decode(case["pickle"]), value(case)))
    with open(os.path.join(out, "encodings.bin"), "wb") as f:
        for case in cases(os.path.join(corpus, "encodings.jsonl.gz")):
            f.write(record(case["name"], "W", bytes.fromhex(case["entry_hex"]),
                           value(case)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
