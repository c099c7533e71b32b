"""Random values of Python's own, and what became of them in copies.

sequence_kinds.py make SEED COUNT PICKLE PROTOCOL: a dict of them
sequence_kinds.py compare PICKLE COPY ...: a line for each value that is another in the copy
"""
import pathlib
import pickle
import random
import sys

INTS = [0, 1, -1, 7, 300, 2**31 - 1, -(2**31) + 1]
WIDE = [2**31, -(2**31), 2**40 + 1, -(2**53), 2**53]
BEYOND = [2**53 + 1, -(2**62), 2**63 - 1]
FLOATS = [0.0, -0.0, 1.0, -3.0, 52.5, 1e300, float(2**53), 5e-324, float("inf"), -float("inf")]
NAN = float("nan")
TEXTS = ["", "x", "y", "caf\u00e9", "\u6f22\u5b57", "\U0001f600", "NA", "a" * 300]
CONTAINERS = [list, tuple, set, frozenset]


def scalars(rng):
    """Of a kind or several, so that R has a vector of them."""
    kinds = [
        INTS, INTS + WIDE, WIDE, FLOATS, FLOATS + [NAN], INTS + [52.5, 0.25], INTS + FLOATS,
        INTS + WIDE + FLOATS + [NAN], [True, False], TEXTS, INTS + WIDE + BEYOND, [NAN],
    ]
    return rng.choice(kinds)


def vector(rng):
    pool = scalars(rng)
    items = [rng.choice(pool) for _ in range(rng.choice([1, 1, 2, 3, 5]))]
    if rng.random() < 0.3:
        items[rng.randrange(len(items))] = None
    if rng.random() < 0.1:
        items[rng.randrange(len(items))] = NAN
    # What is no vector in R is a list there.
    kinds = {float if isinstance(v, (int, float)) and not isinstance(v, bool) else type(v)
             for v in items if v is not None}
    wide = any(type(v) is int and abs(v) > 2**53 for v in items)
    nan_only = kinds == {float, str} or kinds == {float, bool}
    if wide or nan_only or not kinds:
        return items
    return rng.choice(CONTAINERS)(items)


def value(rng, depth=0):
    choice = rng.random()
    if choice < 0.5 or depth == 4:
        return vector(rng)
    if choice < 0.6:
        return rng.choice(rng.choice([INTS, WIDE, FLOATS, TEXTS, [True, None, NAN]]))
    if choice < 0.63:
        return []
    items = [value(rng, depth + 1) for _ in range(rng.randrange(1, 5))]
    if choice < 0.82:
        return items
    return {rng.choice(TEXTS[1:]) + str(i): item for i, item in enumerate(items)}


def shown(v):
    """repr(), but a set in order."""
    if isinstance(v, (set, frozenset)):
        return f"{type(v).__name__}({sorted(map(shown, v))})"
    if type(v) in (list, tuple):
        return f"{type(v).__name__}({', '.join(map(shown, v))})"
    if type(v) is dict:
        return "{%s}" % ", ".join(f"{k!r}: {shown(i)}" for k, i in v.items())
    return f"{type(v).__name__} {v!r}"


def main(command, *args):
    if command == "make":
        rng = random.Random(int(args[0]))
        # (m[[key]] <- NULL deletes.)
        values = {f"k{i}": value(rng) for i in range(int(args[1]))}
        values = {k: [v] if v is None else v for k, v in values.items()}
        pathlib.Path(args[2]).write_bytes(pickle.dumps(values, int(args[3])))
        return
    values, *copies = (pickle.loads(pathlib.Path(path).read_bytes()) for path in args)
    for i, copy in enumerate(copies):
        if list(copy) != list(values):
            print(f"{i}: other keys")
        for key, v in values.items():
            if shown(copy.get(key)) != shown(v):
                print(f"{i} {key}: {shown(v)} became {shown(copy.get(key))}")


main(*sys.argv[1:])
