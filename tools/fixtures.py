"""Makes tests/testthat/fixtures from the full set: the largest gzipped, one left out.

Usage: python3 tools/fixtures.py <the full set> tests/testthat/fixtures
"""
import gzip
import json
import os
import sys

LEFT_OUT = {"manykeys.mmdpickle"}  # 3,000 keys: 20 % of the whole
LARGE = 100_000  # bytes


def write_gz(path, data):
    with open(path, "wb") as raw:
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            packed.write(data)


source, target = sys.argv[1:3]
for name in sorted(os.listdir(source)):
    if not name.endswith(".mmdpickle") or name in LEFT_OUT:
        continue
    with open(os.path.join(source, name), "rb") as file:
        data = file.read()
    path = os.path.join(target, name)
    if len(data) > LARGE:
        write_gz(path + ".gz", data)
    else:
        with open(path, "wb") as file:
            file.write(data)

with open(os.path.join(source, "expected.json")) as file:
    expected = json.load(file)
kept = {name: value for name, value in expected.items() if name not in LEFT_OUT}
text = json.dumps(kept, separators=(",", ":"))
write_gz(os.path.join(target, "expected.json.gz"), text.encode())
