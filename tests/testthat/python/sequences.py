"""Random sequences, for the model of the rule: sequences.py SEED COUNT PICKLES JSON

PICKLES: one pickle after the other; JSON: a list of their descriptions, in the form of
fixtures/README.md.
"""
import datetime as dt
import json
import pickle
import random
import sys
import zoneinfo

import numpy as np

try:
    import pandas as pd
except ImportError:
    pd = None


def real(v):
    if v != v:
        return {"t": "float", "v": "nan", "bits": np.array(v, ">f8").tobytes().hex()}
    return {"t": "float", "v": {np.inf: "inf", -np.inf: "-inf"}.get(v, float(v).hex())}


def tz(zone):
    if zone is None:
        return {"t": "None"}
    if isinstance(zone, zoneinfo.ZoneInfo):
        return {"t": "zoneinfo", "key": zone.key}
    offset = zone.utcoffset(None) // dt.timedelta(microseconds=1)
    return {"t": "timezone", "offset_us": str(offset), "name": None}


def describe(x):
    if x is None:
        return {"t": "None"}
    if x is np.ma.masked:
        return {"t": "masked_constant"}
    if pd is not None and (x is pd.NA or x is pd.NaT):
        return {"t": "NA" if x is pd.NA else "NaT"}
    if pd is not None and isinstance(x, pd.Timestamp):
        return {"t": "Timestamp", "ns": str(x.value), "tz": x.tz and str(x.tz)}
    if pd is not None and isinstance(x, pd.Timedelta):
        return {"t": "Timedelta", "ns": str(x.value)}
    if isinstance(x, np.generic):
        dtype = x.dtype.str
        return {"t": "npscalar", "dtype": dtype, "hex": x.tobytes().hex()}
    if isinstance(x, bool):
        return {"t": "bool", "v": x}
    if isinstance(x, int):
        return {"t": "int", "v": str(x)}
    if isinstance(x, float):
        return real(x)
    if isinstance(x, complex):
        return {"t": "complex", "re": real(x.real), "im": real(x.imag)}
    if isinstance(x, str):
        return {"t": "str", "v": x}
    if isinstance(x, bytes):
        return {"t": "bytes", "hex": x.hex()}
    if isinstance(x, dt.datetime):
        v = x.replace(tzinfo=None).isoformat(timespec="microseconds")
        return {"t": "datetime", "v": v, "fold": x.fold, "tz": tz(x.tzinfo)}
    if isinstance(x, dt.date):
        return {"t": "date", "v": x.isoformat()}
    if isinstance(x, dt.time):
        return {"t": "time", "v": x.isoformat(timespec="microseconds"), "fold": x.fold,
                "tz": tz(x.tzinfo)}
    if isinstance(x, dt.timedelta):
        return {"t": "timedelta", "days": x.days, "seconds": x.seconds,
                "microseconds": x.microseconds}
    if isinstance(x, (list, tuple)):
        return {"t": type(x).__name__, "items": [describe(i) for i in x]}
    if isinstance(x, np.ndarray):
        return {"t": "ndarray", "dtype": "|O", "shape": list(x.shape), "fortran": False,
                "items": [describe(i) for i in x.ravel()]}
    raise TypeError(type(x))


def pools(rng):
    day = dt.date(2020, 1, rng.randint(1, 28))
    moment = dt.datetime(2020, 3, rng.randint(1, 28), rng.randint(4, 23), 59, 1, 250000)
    paris, tokyo = zoneinfo.ZoneInfo("Europe/Paris"), zoneinfo.ZoneInfo("Asia/Tokyo")
    east = dt.timezone(dt.timedelta(hours=2))
    kinds = [
        [True, False, np.bool_(True)],
        [1, -7, 2**31 - 1, np.int64(5), np.int8(-3), np.uint16(9)],
        [2**31, 2**52, np.int64(2**40), 1],
        [1.5, -0.0, float("inf"), np.float64(.25), np.float32(1.5), np.float16(2)],
        [1, 2.5, np.int32(4), np.float32(.5)],
        ["a", "", "é", np.str_("b"), np.str_("日本")],
        [1 + 2j, np.complex128(3j), np.complex64(1 - 1j)],
        [day, day + dt.timedelta(days=300), np.datetime64("1969-07-20")],
        [moment, moment + dt.timedelta(days=100), np.datetime64("2021-02-03T04:05:06")],
        [moment.replace(tzinfo=paris), moment.replace(tzinfo=paris, month=7)],
        [moment.replace(tzinfo=east), moment.replace(tzinfo=east, day=1)],
        [moment.replace(tzinfo=dt.timezone.utc)],
        [dt.timedelta(days=-3, seconds=5), dt.timedelta(0), np.timedelta64(90, "s")],
        [dt.time(1, 2, 3), dt.time(0), dt.time(23, 59, 59, 500000)],
        [np.bytes_(b"ab"), np.bytes_(b"c")],
        [b"raw", b""],
        [[1], [2]],
        [moment.replace(tzinfo=tokyo), moment.replace(tzinfo=paris)],
    ]
    if pd is not None:
        kinds.append([pd.Timestamp(moment), moment])
        kinds.append([pd.Timestamp("2020-01-01", tz="Europe/Berlin"),
                      pd.Timestamp("2020-07-01", tz="Europe/Berlin")])
        kinds.append([pd.Timedelta(minutes=5), dt.timedelta(seconds=1)])
    missing = [None, float("nan"), np.ma.masked]
    if pd is not None:
        missing += [pd.NA, pd.NaT]
    return kinds, missing


def sequence(rng):
    kinds, missing = pools(rng)
    items = [rng.choice(k) for k in [rng.choice(kinds)] for _ in range(rng.randint(1, 4))]
    if rng.random() < .5:
        items += rng.choices(missing, k=rng.randint(1, 2))
    if rng.random() < .2:
        items.append(rng.choice(rng.choice(kinds)))
    if rng.random() < .1:
        items = rng.choices(missing, k=2)
    rng.shuffle(items)
    if rng.random() < .3:
        array = np.empty(len(items), object)
        array[:] = items
        return array
    return tuple(items) if rng.random() < .3 else items


def main(seed, count, pickles, descriptions):
    rng = random.Random(int(seed))
    out = []
    with open(pickles, "wb") as f:
        for _ in range(int(count)):
            x = sequence(rng)
            f.write(pickle.dumps(x, protocol=rng.randint(0, 5)))
            out.append(describe(x))
    with open(descriptions, "w") as f:
        json.dump(out, f)


main(*sys.argv[1:])
