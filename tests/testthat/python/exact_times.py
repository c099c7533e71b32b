"""Ticks of every unit, and the doubles nearest to what they are in R: exact_times.py SEED OUT

OUT: a pickle of {dtype: [array, doubles]}, by exact arithmetic.
"""
import pathlib
import pickle
import random
import sys
from fractions import Fraction

import numpy as np

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9, "ps": 10**12, "fs": 10**15,
              "as": 10**18}


def days_from_civil(year, month):
    year -= month <= 2
    era, of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - 719468


def in_r(kind, unit, n):
    if unit in PER_SECOND:
        return Fraction(n, PER_SECOND[unit])
    if unit in "hm":
        return Fraction(n) * ((3600 if unit == "h" else 60) if kind == "M8" else 1)
    if unit == "D" or (unit == "W" and kind == "m8"):
        return Fraction(n)
    if unit == "W":
        return Fraction(n * 7)
    if kind == "m8":
        return Fraction(n) * Fraction(3652425, 10000) / (1 if unit == "Y" else 12)
    years, months = (n, 0) if unit == "Y" else divmod(n, 12)
    return Fraction(days_from_civil(1970 + years, months + 1))


def ticks(rng):
    yield from (0, 1, -1, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63) + 1)
    for _ in range(400):
        yield rng.choice((-1, 1)) * rng.randrange(2 ** rng.randint(1, 63))
    for _ in range(100):  # near to where two doubles are equally far
        whole = rng.randrange(2 ** rng.randint(1, 33))
        yield whole * 10**9 + rng.randrange(2**9) * 5**9 // 2 ** rng.randint(0, 3)


def main(seed, out):
    rng = random.Random(int(seed))
    value = {}
    for kind in ("M8", "m8"):
        for unit in ("Y", "M", "W", "D", "h", "m", *PER_SECOND, "25s", "7ms", "1000as"):
            base = unit.lstrip("0123456789")
            multiple = int(unit[:-len(base)] or 1)
            n = [t for t in ticks(rng) if abs(t) < 2**63]
            wanted = [float(in_r(kind, base, t * multiple)) for t in n]
            value[f"{kind}[{unit}]"] = [np.array(n, "i8").view(f"{kind}[{unit}]"),
                                        np.array(wanted)]
    pathlib.Path(out).write_bytes(pickle.dumps(value))


main(*sys.argv[1:])
