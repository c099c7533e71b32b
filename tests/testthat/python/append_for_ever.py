"""append_for_ever.py APPEND FILE ID: adds rows of ten times ID * 10^6 + i, until it is killed; i goes
on from the rows that are there. APPEND is the package's append.py. Says its process id."""
import fcntl
import os
import pickle
import sys

sys.path.insert(0, os.path.dirname(sys.argv[1]))
from append import append  # noqa: E402

path, own = sys.argv[2], int(sys.argv[3])
with open(path, "rb") as file:
    fcntl.flock(file, fcntl.LOCK_SH)
    first = pickle.load(file)["x"][:, 0]
i = int((first // 1000000 == own).sum())
print(os.getpid(), flush=True)
while True:
    i += 1
    append(path, "x", [own * 1e6 + i] * 10)
