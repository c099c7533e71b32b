"""A second program on a file: speaks the format and takes the locks as the Python library
does. Every call, readers included, is under flock(LOCK_EX); keys are kept until the commit
number differs; entries are written over the terminator.

    peer.py FILE do COMMAND...                    changes, one after another
    peer.py FILE work ID KEYS CHANGES SEED        changes by chance, to keys of its own
    peer.py FILE show                             the numbers that the keys have
    peer.py FILE watch STOP locked|plain          reads over and over until the file STOP is there

COMMANDs are lists in JSON: ["set", key, value], ["array", key, numbers], ["delete", key],
["slice", key, from, numbers], ["vacuum"], ["touch", mtime in ns], ["set_number", number].
"""

import fcntl
import json
import os
import pickle
import pickletools
import random
import signal
import struct
import sys
import time

HEADER, TERMINATOR = 24, b"\x95" + struct.pack("<Q", 2) + b"d."
NUMBER_AT = 18
LIVE, DEAD = b"\x88", b"0"


def short_text(text):
    return b"\x8c" + bytes([len(text)]) + text.encode()


ARRAY_HEAD = b"".join(short_text(t) for t in ("numpy.core.fromnumeric", "reshape")) + b"\x93" + \
    b"".join(short_text(t) for t in ("numpy.core.multiarray", "fromstring")) + b"\x93"


def opcodes(value):
    """Its pickle without frames, PROTO, STOP and the memo, which these values do not need."""
    whole = pickle.dumps(value, 4)
    ops = list(pickletools.genops(whole))
    ends = [op[2] for op in ops[1:]] + [len(whole)]
    kept = b""
    for (op, _, at), end in zip(ops, ends):
        assert op.name not in ("BINGET", "LONG_BINGET"), "repeated parts need a memo"
        if op.name not in ("PROTO", "FRAME", "MEMOIZE", "STOP"):
            kept += whole[at:end]
    return kept


class Unpickler(pickle.Unpickler):
    """fromstring() of bytes is deprecated, and gone in NumPy 2.3."""

    def find_class(self, module, name):
        if name == "fromstring":
            import numpy
            return lambda data, dtype: numpy.frombuffer(data, dtype).copy()
        return super().find_class(module.replace("numpy.core", numpy_core()), name)


def numpy_core():
    import numpy
    return "numpy._core" if hasattr(numpy, "_core") else "numpy.core"


class Locked:
    def __init__(self, peer):
        self.peer = peer

    def __enter__(self):
        fcntl.flock(self.peer.fd, fcntl.LOCK_EX)
        number = self.peer.number()
        if number != self.peer.cached_number:
            self.peer.walk()
            self.peer.cached_number = number

    def __exit__(self, *_):
        self.peer.cached_number = self.peer.number()
        fcntl.flock(self.peer.fd, fcntl.LOCK_UN)


class Peer:
    def __init__(self, path):
        self.path = path
        self.fd = os.open(path, os.O_RDWR)
        self.cached_number = None
        self.frames, self.memo_max = [], 1

    def number(self):
        return struct.unpack("<i", os.pread(self.fd, 4, NUMBER_AT))[0]

    def raise_number(self):
        os.pwrite(self.fd, struct.pack("<i", self.number() + 1), NUMBER_AT)

    def walk(self):
        """[at, end, key, live] of each entry, by the frames alone, up to the last 11 bytes."""
        self.frames, self.memo_max = [], 1
        at, stop = HEADER, os.fstat(self.fd).st_size - len(TERMINATOR)
        while at < stop:
            head = os.pread(self.fd, 11, at)
            end = at + 9 + struct.unpack("<Q", head[1:9])[0]
            key = os.pread(self.fd, head[10], at + 11).decode()
            tail = os.pread(self.fd, 8, end - 8)
            self.frames.append([at, end, key, tail[6:7] == LIVE])
            self.memo_max = max(self.memo_max, struct.unpack("<i", tail[1:5])[0])
            at = end

    def live(self):
        return {frame[2]: frame for frame in self.frames if frame[3]}

    def keys(self):
        with Locked(self):
            return list(self.live())

    def delete(self, key):
        with Locked(self):
            self.kill(key)

    def kill(self, key):
        frame = self.live()[key]
        os.pwrite(self.fd, DEAD, frame[1] - 2)
        frame[3] = False
        self.raise_number()

    def set(self, key, value):
        self.put(key, opcodes(value), self.memo_max)

    def array(self, key, numbers):
        data = struct.pack("<%dd" % len(numbers), *numbers)
        n = len(numbers)
        shape = b"K" + bytes([n]) if n < 256 else b"M" + struct.pack("<H", n)
        self.put(key, ARRAY_HEAD + b"\x8e" + struct.pack("<Q", len(data)) + data +
                 short_text("float64") + b"\x86R" + shape + b"\x85" + b"\x86R", 0)

    def put(self, key, value, memo_max):
        with Locked(self):
            if key in self.live():
                self.kill(key)
            name = key.encode()
            at = self.frames[-1][1] if self.frames else HEADER
            head = b"\x8c" + bytes([len(name)]) + name
            size = len(head) + len(value) + 8
            end = at + 9 + size
            os.pwrite(self.fd, value, at + 9 + len(head))
            os.pwrite(self.fd, b"\x95" + struct.pack("<Q", size) + head, at)
            os.pwrite(self.fd, b"J" + struct.pack("<i", memo_max) + b"0" + LIVE + b"0", end - 8)
            if os.pread(self.fd, len(TERMINATOR), os.fstat(self.fd).st_size - 11) != TERMINATOR:
                os.pwrite(self.fd, TERMINATOR, os.fstat(self.fd).st_size)
            self.frames.append([at, end, key, True])
            self.raise_number()

    def mapped(self, key):
        """Of a vector of float64; writing through it takes no lock."""
        import numpy
        with Locked(self):
            at, end = self.live()[key][:2]
            entry = os.pread(self.fd, end - at, at)
            place = 11 + entry[10] + len(ARRAY_HEAD)
            assert entry[11 + entry[10]:place] == ARRAY_HEAD and entry[place] == 0x8e
            size = struct.unpack("<Q", entry[place + 1:place + 9])[0]
            return numpy.memmap(self.path, "float64", "r+", at + place + 9, size // 8)

    def slice(self, key, start, numbers):
        self.mapped(key)[start:start + len(numbers)] = numbers

    def vacuum(self):
        with Locked(self):
            stop = os.fstat(self.fd).st_size
            dead = [frame[:2] for frame in self.frames if not frame[3]]
            if not dead:
                return
            to = dead[0][0]
            for hole, after in zip(dead, dead[1:] + [[stop, stop]]):
                kept = os.pread(self.fd, after[0] - hole[1], hole[1])
                to += os.pwrite(self.fd, kept, to) if kept else 0
            os.ftruncate(self.fd, to)
            os.pwrite(self.fd, struct.pack("<i", 1 if self.number() == 0 else 0), NUMBER_AT)
            self.walk()

    def touch(self, mtime_ns):
        os.utime(self.path, ns=(int(mtime_ns), int(mtime_ns)))

    def set_number(self, number):
        with Locked(self):
            os.pwrite(self.fd, struct.pack("<i", number), NUMBER_AT)

    def locked_load(self):
        with Locked(self):
            return load(self.path)


def load(path):
    with open(path, "rb") as file:
        return Unpickler(file).load()


# Values that tell by themselves whether they are whole: n, a run of n, and the sum.
def value_of(owner, key, n, length):
    return {"owner": owner, "key": key, "n": n, "run": [n] * length, "sum": n * length}


def problem_of(key, value):
    if key.startswith("array-"):
        return None if len(set(value.tolist())) == 1 else "array of several numbers"
    if not isinstance(value, dict) or "run" not in value:
        return None
    run = value["run"] if isinstance(value["run"], list) else value["run"].tolist()
    if value["key"] != key or set(run) != {value["n"]} or sum(run) != value["sum"]:
        return "not whole"
    return None


def work(path, owner, keys, changes, seed):
    """What this process knows to be in the file in the end, and by how much it raised the
    number, as JSON."""
    chance, peer = random.Random(int(seed)), Peer(path)
    known, raised, board = {}, 0, 0
    for n in range(1, int(changes) + 1):
        i = chance.randrange(int(keys))
        key, turn = "%s-%d" % (owner, i), chance.random()
        array = "array-" + key
        if turn < 0.45:
            raised += 2 if key in known else 1
            peer.set(key, value_of(owner, key, n, 1 + chance.randrange(40)))
            known[key] = n
        elif turn < 0.6:
            raised += 2 if array in known else 1
            peer.array(array, [n] * (1 + chance.randrange(300)))
            known[array] = n
        elif turn < 0.75 and known:
            key = chance.choice(sorted(known))
            raised += 1
            peer.delete(key)
            del known[key]
        else:
            board = n
            peer.slice("board", int(owner[1:]) * 16, [n] * 16)
        if not set(known) <= set(peer.keys()):
            raise SystemExit("lost: %r" % (set(known) - set(peer.keys())))
    print(json.dumps({"known": known, "raised": raised, "board": board}))


def watch(path, stop, how):
    peer, seen, problems = Peer(path), 0, []
    while True:
        last = os.path.exists(stop)
        try:
            values = peer.locked_load() if how == "locked" else load(path)
            problems += [key + ": " + problem_of(key, value)
                         for key, value in values.items() if problem_of(key, value)]
        except Exception as error:  # a file that cannot be read is a finding
            problems.append(repr(error))
        seen += 1
        if last or len(problems) > 5:
            break
        time.sleep(0.002)
    print(json.dumps({"seen": seen, "problems": problems}))


def show(path):
    """The number that each key has, and the board, as JSON."""
    values = Peer(path).locked_load()
    board = values.pop("board").tolist()
    problems = [key for key, value in values.items() if problem_of(key, value)]
    numbers = {key: value["n"] if isinstance(value, dict) else value.tolist()[0]
               for key, value in values.items()}
    print(json.dumps({"numbers": numbers, "board": board, "problems": problems}))


def do(path, *commands):
    peer = Peer(path)
    for command in commands:
        name, *arguments = json.loads(command)
        getattr(peer, name)(*arguments)


def main(path, task, *arguments):
    signal.alarm(int(os.environ.get("PEER_SECONDS", "60")))  # no test waits for ever
    {"do": do, "work": work, "watch": watch, "show": show}[task](path, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
