#!/usr/bin/python3
"""What NumPy says of dtypes, values and pickles, for numpy_cases_test.cpp.

    numpy_cases.py OUT_FOLDER [SHARED_FOLDER]

Needs NumPy (tried with 1.24). With SHARED_FOLDER (`fixtures`, `corpus`) the arrays in there
are told, too; nothing of it is unpickled. Writes

OUT_FOLDER/numpy_values.bin: u32-sized name, str(dtype), dtype.str, type, items, values.
  type: l logical, i integer, r real, c complex, w integer64, s string; values in native
  items of that type (l, i: int32; r: float64 ...; s: u32-sized UTF-8 each).
OUT_FOLDER/numpy_arrays.bin: u32-sized name, form, bytes, expectation, dtype, shape, data,
  mask. form: E the inside of a file's entry, P a pickle. expectation: V it must be this
  array, S this scalar, R no array may come of it, - either, but if one does it is this.
  shape: text, extents with commas; data and mask: hexadecimal, in C order (`+` in front:
  of the first bytes only), `-` where they are not told.
"""

import base64
import gzip
import json
import os
import pickle
import random
import struct
import sys
from fractions import Fraction

import numpy as np

INT_NA, REAL_NA = -2**31, struct.unpack("<d", struct.pack("<Q", 0x7FF00000000007A2))[0]
UNITS = "Y M W D h m s ms us ns ps fs as".split()
ORDERS = "<>"


def sized(*parts):
    out = b""
    for part in parts:
        part = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        out += struct.pack("<I", len(part)) + part
    return out


# -- values ---------------------------------------------------------------------------
def value_case(array, kind, values):
    """`values`: Python numbers, pairs for complex, bytes for what is packed already."""
    if not isinstance(values, bytes):
        if kind == "s":
            values = sized(*values)
        else:
            code = {"l": "i", "i": "i", "r": "d", "c": "d", "w": "q"}[kind]
            values = struct.pack("=%d%s" % (len(values), code), *values)
    return sized(str(array.dtype), str(array.dtype), array.dtype.str, kind, array.tobytes(),
                 values)


def integers():
    for size in (1, 2, 4, 8):
        for signed in "iu":
            for order in ORDERS if size > 1 else "|":
                dtype = np.dtype(order + signed + str(size))
                info = np.iinfo(dtype)
                xs = [0, 1, 2, info.min, info.min + 1, info.max, info.max - 1] + \
                    [random.randint(info.min, info.max) for _ in range(200)]
                xs += [x for x in (-1, 2**53, 2**53 + 1, -2**53 - 1) if
                       info.min <= x <= info.max]
                a = np.array(xs, dtype)
                small = size < 4 or (size == 4 and signed == "i")
                yield value_case(a, "i" if small else "r", xs if small else
                                 [float(x) for x in xs])
                if size == 8:
                    yield value_case(a, "w", [x if x < 2**63 else -2**63 for x in xs])


def doubles(n):
    bits = [random.getrandbits(64) for _ in range(n)]
    bits += [0, 1 << 63, 1, 0x7FF0 << 48, 0xFFF0 << 48, 0x7FF00000000007A2, 0x7FF8 << 48,
             0x7FF0000000000001, 0x000FFFFFFFFFFFFF, 0x0010000000000000]
    return np.array(bits, "u8").view("f8")


def floats():
    everything = np.arange(65536, dtype="u2").view("f2")
    np.seterr(all="ignore")  # most doubles overflow
    wide = np.concatenate([doubles(300).astype("f4"),
                           np.array([1, 0x7FFFFF, 0x800000, 0x7F7FFFFF], "u4").view("f4")])
    for order in ORDERS:
        yield value_case(everything.astype(order + "f2"), "r",
                         everything.astype("f8").tobytes())
        yield value_case(wide.astype(order + "f4"), "r", wide.astype("f8").tobytes())
        a = doubles(300)
        yield value_case(np.frombuffer(a.byteswap().tobytes() if order == ">" else
                                       a.tobytes(), order + "f8"), "r", a.tobytes())
        pairs = doubles(20)
        yield value_case(pairs.view("c16").astype(order + "c16"), "c", pairs.tobytes())
        pairs = wide[:300]
        yield value_case(pairs.view("c8").astype(order + "c8"), "c",
                         pairs.astype("f8").tobytes())


def long_doubles():
    xs = [np.longdouble(x) for x in (0.0, -0.0, 1, -1.5, np.inf, -np.inf, np.nan, 5e-324)]
    for _ in range(2000):
        mantissa = random.getrandbits(64) | 1 << 63
        # Some lie in the middle between doubles, or a bit beside it.
        if random.random() < 0.5:
            mantissa = mantissa >> 11 << 11 | random.choice([0, 1023, 1024, 1025, 2047])
        exponent = random.choice([16383, 16383 - 1022, 16383 - 1040, 16383 - 1074,
                                  16383 - 1075, 16383 - 1076, 16383 + 1023, 16383 + 1024,
                                  random.getrandbits(15) % 32767, 1])
        sign = random.getrandbits(1) << 15
        packed = struct.pack("<QH6x", mantissa, sign | exponent)
        xs.append(np.frombuffer(packed, "<g")[0])
    a = np.array(xs, "g")
    with np.errstate(all="ignore"):
        expected = a.astype("f8").tobytes()
        yield value_case(a, "r", expected)
        yield value_case(a.astype(">g"), "r", expected)
        yield value_case(a.view("G"), "c", expected)
        yield value_case(a.view("G").astype(">G"), "c", expected)


def exact(x):
    try:
        return float(x)
    except OverflowError:
        return float("inf") if x > 0 else float("-inf")


def times():
    per_second = dict(zip(UNITS[6:], (10**k for k in range(0, 21, 3))))
    per_day = {"W": 7, "D": 1}
    per_unit = {"h": 3600, "m": 60}
    for unit in UNITS:
        for multiple in (1, 25):
            for order in ORDERS:
                ticks = [-2**63, 0, 1, -1, 12, -13, 999, -999, 1234567, -7654321]
                ticks += [random.randint(-10**k, 10**k) for k in range(3, 8)]
                if unit in UNITS[7:]:
                    ticks += [random.randint(-10**17, 10**17) for _ in range(50)]
                name = "[%s%s]" % (multiple if multiple > 1 else "", unit)
                values, differences = [REAL_NA], [REAL_NA]
                for t in ticks[1:]:
                    t *= multiple
                    if unit in "YM":
                        day = np.datetime64(t, unit).astype("M8[D]").astype("i8")
                        values.append(float(day))
                        days = Fraction(3652425, 10000) / (12 if unit == "M" else 1)
                        differences.append(float(t * days))
                        continue
                    divisor = per_second.get(unit, 1)
                    factor = per_day.get(unit) or per_unit.get(unit) or 1
                    values.append(exact(Fraction(t * factor, divisor)))
                    differences.append(exact(Fraction(t, divisor)))
                for kind, expected in (("M8", values), ("m8", differences)):
                    a = np.array(ticks, "i8").view(kind + name).astype(order + kind + name)
                    yield value_case(a, "r", expected)
    a = np.array([-2**63, 5, -5], "i8").view("m8")
    yield value_case(a, "r", [REAL_NA, 5.0, -5.0])


def texts():
    samples = ["", "a", "abc", "\u00e9\u00df", "\U0001f600x", "\uffff", "a\U0010ffffb"]
    for order in ORDERS:
        yield value_case(np.array(samples, order + "U4"), "s", samples)
        odd = np.array(["a\0b", "\ud800"], order + "U3")
        yield value_case(odd, "s", ["a\\x00b", "\\ud800"])
    yield value_case(np.array([b"", b"ab", b"\xc3\xa9", b"\xff", b"a\0b"], "S4"), "s",
                     ["", "ab", "\u00e9", "\\xff", "a\\x00b"])


def booleans():
    yield value_case(np.array([0, 1, 2, 255], "u1").view("?"), "l", [0, 1, 1, 1])


# -- arrays -----------------------------------------------------------------------------
def dtype_text(d):
    """As numpy_cases_test.cpp's describe() has it; `d` in describe.py's form."""
    if isinstance(d, str):
        return d
    if "base" in d:
        return dtype_text(d["base"]) + "(%s)" % ",".join(map(str, d["shape"]))
    return "{%s}%d" % (",".join(
        "%s:%s@%d" % (n, dtype_text(f), o) for n, f, o in
        zip(d["names"], d["formats"], d["offsets"])), d["itemsize"])


def describe_dtype(d):
    if d.subdtype:
        return {"base": describe_dtype(d.subdtype[0]), "shape": list(d.subdtype[1])}
    if d.names is None:
        return d.str
    fields = [d.fields[n] for n in d.names]
    return {"names": d.names, "formats": [describe_dtype(f[0]) for f in fields],
            "offsets": [f[1] for f in fields], "itemsize": d.itemsize}


def array_case(name, form, data, expectation, a=None):
    if a is None:
        return sized(name, form, data, expectation, "", "", "-", "-")
    mask = np.ma.getmaskarray(a).tobytes().hex() if isinstance(a, np.ma.MaskedArray) else "-"
    items = np.ma.getdata(a)
    if "g" in items.dtype.char.lower():
        items = np.frombuffer(items.tobytes(), "u1").reshape(-1, 16).copy()
        items[:, 10:] = 0
    return sized(name, form, data, expectation, dtype_text(describe_dtype(a.dtype)),
                 ",".join(map(str, a.shape)), items.tobytes().hex(), mask)


def pickled():
    names = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">u8", "<i8", "<f2", ">f4", "<f8", "g",
             "c8", ">c16", "G", "S3", "<U2", ">U2", "V5", "M8[25s]", ">M8[D]", "m8[ns]", "M8",
             [("a", "i4"), ("b", ">f8", (2, 3)), ("c", [("d", "S2"), ("e", "M8[us]")])],
             {"names": ["x", "y"], "formats": ["<i2", "<i4"], "offsets": [4, 0],
              "itemsize": 12}, np.dtype([("a", "u1"), ("b", "f8")], align=True)]
    for name in names:
        dtype = np.dtype(name)
        for shape in ((), (0,), (1,), (5,), (2, 3), (2, 0), (2, 3, 4), (2, 1, 2, 3, 2)):
            n = int(np.prod(shape))
            raw = bytes(random.choice([0, 1]) if name == "?" else random.getrandbits(7)
                        for _ in range(n * dtype.itemsize))
            if dtype.kind == "U":
                raw = np.array(["\u00e9" * (i % 3) for i in range(n)], dtype).tobytes()
            a = np.frombuffer(raw, dtype, n).reshape(shape) if n else np.zeros(shape, dtype)
            arrays = [a] + ([np.asfortranarray(a)] if len(shape) > 1 else [])
            if len(shape) == 2:
                arrays += [a.view(np.matrix)] if dtype.kind in "if" else []
                arrays += [np.ma.MaskedArray(a, mask=random.getrandbits(1)),
                           np.ma.MaskedArray(np.asfortranarray(a))]
            for array in arrays:
                for protocol in range(6):
                    yield array_case("pickled %s %s %d" % (dtype, shape, protocol), "P",
                                     pickle.dumps(array, protocol), "V", array)
            if shape == () and dtype.kind not in "VU":  # a str's item is as long as it is
                yield array_case("scalar %s" % dtype, "P", pickle.dumps(a[()]), "S", a)


def described(name, form, data, expectation, d):
    """A case whose value is told in describe.py's form; none if that is no array."""
    d = d or {}
    mask, scalar = "-", d.get("t") == "npscalar"
    if d.get("t") == "masked":
        mask = d["mask"].get("hex", "-")
        d = d["data"]
    # Of masked records (numpy.ma.mrecords) nothing is known; an empty str has an item that
    # is not in the file.
    if d.get("t") not in ("ndarray", "npscalar") or "items" in d or \
            name in ("np_mrecords", "np_str_empty"):
        return b""
    if expectation == "V" and scalar:
        expectation = "S"
    data_hex = d["hex"] if "hex" in d else "+" + d["head_hex"]
    return sized(name, form, data, expectation, dtype_text(d["dtype"]),
                 ",".join(map(str, d.get("shape", []))), data_hex, mask)


def fixtures(folder):
    with open(os.path.join(folder, "expected.json")) as f:
        expected = json.load(f)
    for name, file in expected.items():
        with open(os.path.join(folder, name), "rb") as f:
            content = f.read()
        for e in file["entries"]:
            if e["valid"] and "value" in e:
                body = content[e["offset"] + 9:e["offset"] + e["length"] - 8]
                yield described("%s %s" % (name, e["key"]), "E", body, "V", e["value"])


def corpora(folder):
    for corpus in "values", "hostile_pickles":
        with gzip.open(os.path.join(folder, corpus + ".jsonl.gz"), "rt") as lines:
            for case in map(json.loads, lines):
                data = base64.b64decode(case["pickle"])
                if corpus == "values":
                    told = case["value"]
                    if not case["name"].startswith("oob"):
                        yield described(case["name"], "P", data, "V", told)
                elif case["name"].startswith("numpy/"):
                    outcome = case["expected"]["outcome"]
                    expectation = {"value": "V", "either": "-"}.get(outcome, "R")
                    told = case["expected"].get("value")
                    yield array_case(case["name"], "P", data, "R") if expectation == "R" \
                        else described(case["name"], "P", data, expectation, told)


def frames(content):
    """The insides of a file's entries, as far as their lengths can be followed."""
    at = 24
    while content[at:at + 1] == b"\x95" and at + 9 <= len(content):
        n, = struct.unpack_from("<Q", content, at + 1)
        if not 11 <= n <= len(content) - at - 9:
            return
        yield content[at + 9:at + 9 + n - 8]
        at += 9 + n


def hostile_files(folder):
    """Their entry `x`."""
    with gzip.open(os.path.join(folder, "hostile_files.jsonl.gz"), "rt") as lines:
        for case in map(json.loads, lines):
            if not case["name"].startswith(("array/", "masked/")):
                continue
            x = {"t": "str", "v": "x"}
            read = [r["value"] for r in case["must"].get("readable", []) if r["key"] == x]
            refused = x in case["must"].get("no_plain_value", [])
            for body in frames(base64.b64decode(case["file"])):
                if not body.startswith(b"\x8c\x01x"):
                    continue
                if refused:
                    yield array_case(case["name"], "E", body, "R")
                elif read:
                    yield described(case["name"], "E", body, "V", read[0])


def main(out, shared=None):
    random.seed(8)
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "numpy_values.bin"), "wb") as f:
        for make in (booleans, integers, floats, long_doubles, times, texts):
            f.writelines(make())
    with open(os.path.join(out, "numpy_arrays.bin"), "wb") as f:
        f.writelines(pickled())
        if shared:
            f.writelines(fixtures(os.path.join(shared, "fixtures")))
            f.writelines(corpora(os.path.join(shared, "corpus")))
            f.writelines(hostile_files(os.path.join(shared, "corpus")))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
