#!/usr/bin/env python3
"""Turns the fixtures and the corpora of whole files into files that store_corpus_test.cpp
can read.

    corpus_files.py SHARED_FOLDER OUT_FOLDER

Needs nothing but the standard library, and loads no pickle. Each becomes OUT_FOLDER/NAME.bin,
a run of records. Texts and bytes are u64 size and the bytes, lists u64 count and the items,
numbers u64. Values are in the notation of corpus.py, an array is A, dtype.str, shape and
the bytes in C order; empty where there is no notation. A record of

hostile_files, interrupted_writes:
    text name; text E the file must not open, O it must, - either; bytes file;
    list of (key, value) that are there if it opens;
    list of (key, value) that a repair keeps or brings back;
    list of keys that must not be read as a plain value
own_writes:
    text change; bytes before; list of (text step, number offset, bytes);
    list of (key, value) that are new or changed; list of keys that are gone
fixtures:
    text file; number commit number (of 32 bits); number dead bytes;
    list of (key, number live, text kind (array, masked, generic, padding), number offset,
    number length, number offset of the value, number offset of the data or 0, value)
"""

import base64
import json
import os
import struct
import sys

sys.dont_write_bytecode = True
from corpus import NotPlain, canonical, cases, hex_of  # noqa: E402


def number(x):
    return struct.pack("<Q", x)


def text(x):
    x = x.encode() if isinstance(x, str) else x
    return number(len(x)) + x


def listing(items):
    items = list(items)
    return number(len(items)) + b"".join(items)


def key(d):
    return text(bytes.fromhex(hex_of(d)))


def value(d):
    if d["t"] == "ndarray" and "hex" in d and isinstance(d["dtype"], str) \
            and "class" not in d and d["dtype"][1:] not in ("f16", "c32"):
        return text("A%s(%s)%s" % (d["dtype"], ",".join(map(str, d["shape"])), d["hex"]))
    try:
        return text(canonical(d))
    except NotPlain:
        return text("")


def pairs(items):
    return listing(key(i["key"]) + value(i["value"]) for i in items)


def hostile_file(case):
    must = case["must"]
    return b"".join([
        text(case["name"]), text({"error": "E", "opens": "O"}.get(must["open"], "-")),
        text(base64.b64decode(case["file"])), pairs(must.get("readable", [])),
        pairs(must.get("repair", [])), listing(map(key, must.get("no_plain_value", [])))])


def interrupted_write(case):
    must = case["must"]
    return b"".join([
        text(case["name"]), text({"error": "E", "opens": "O"}.get(must["open"], "-")),
        text(base64.b64decode(case["file"])), pairs(must.get("recover", [])),
        pairs(must.get("recover", [])), listing([])])


def own_writes(lines):
    before = b""
    for case in lines:
        if "file" in case:
            before = base64.b64decode(case["file"])
        writes = [(step, at, base64.b64decode(data)) for step, at, data in case["writes"]]
        yield b"".join([
            text(case["change"]), text(before),
            listing(text(s) + number(at) + text(data) for s, at, data in writes),
            pairs(k if "key" in k else {"key": k[0], "value": k[1]} for k in as_pairs(case)),
            listing(text(k) if isinstance(k, str) else key(k) for k in case["gone"])])
        after = bytearray(before)
        for _, at, data in writes:
            if len(after) < at + len(data):
                after.extend(bytes(at + len(data) - len(after)))
            after[at:at + len(data)] = data
        before = bytes(after)


def as_pairs(case):
    keys = case["keys"]
    if isinstance(keys, dict):
        return [{"key": {"t": "str", "v": k}, "value": v} for k, v in keys.items()]
    return keys


def fixture(name, file):
    entries = []
    for e in file["entries"]:
        kind = "padding" if e.get("padding") else e["kind"]
        entries.append(b"".join([
            key(e["key"]), number(int(e["valid"])), text(kind), number(e["offset"]),
            number(e["length"]), number(e["value_offset"]), number(e.get("data_offset", 0)),
            value(e["value"]) if "value" in e else text("")]))
    return b"".join([text(name), number(file["commit_number"] & 0xFFFFFFFF),
                     number(file["dead_bytes"]), listing(entries)])


def main(shared, out):
    os.makedirs(out, exist_ok=True)
    sys.setrecursionlimit(10000)
    corpus = os.path.join(shared, "corpus")
    with open(os.path.join(shared, "fixtures", "expected.json")) as f:
        expected = json.load(f)
    records = {
        "hostile_files": map(hostile_file, cases(os.path.join(corpus, "hostile_files.jsonl.gz"))),
        "interrupted_writes": map(interrupted_write,
                                  cases(os.path.join(corpus, "interrupted_writes.jsonl.gz"))),
        "own_writes": own_writes(cases(os.path.join(corpus, "own_writes.jsonl.gz"))),
        "fixtures": (fixture(*item) for item in expected.items()),
    }
    for name, made in records.items():
        with open(os.path.join(out, name + ".bin"), "wb") as f:
            for record in made:
                f.write(record)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
