"""The table of Python values in inst/types/python-to-r.dcf, as pickles of a dict from the
expression to its value. Needs NumPy; pandas for the rows of that group.

    types_table.py write TABLE FOLDER    writes python-to-r.pickle and python-to-r-pandas.pickle
    types_table.py check TABLE FOLDER    a line for each value in them that is another than its
                                         expression gives; none is good
"""

import os
import pickle
import sys
import warnings

sys.dont_write_bytecode = True
import expectations  # noqa: E402

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas
    expectations.pd = pandas
except ImportError:
    pass


def rows(path):
    with open(path, encoding="utf-8") as lines:
        for block in lines.read().split("\n\n"):
            yield dict(line.split(": ", 1) for line in block.strip().split("\n"))


def files(table, folder):
    """Pairs of a file's path and the expressions that it holds."""
    plain, pandas = [], []
    for row in rows(table):
        (pandas if row["Group"] == "pandas" else plain).append(row["Python"])
    yield os.path.join(folder, "python-to-r.pickle"), plain
    if expectations.pd is not None:
        yield os.path.join(folder, "python-to-r-pandas.pickle"), pandas


def main(what, table, folder):
    for path, expressions in files(table, folder):
        wanted = {text: expectations.value(text) for text in expressions}
        if what == "write":
            with open(path, "wb") as file:
                pickle.dump(wanted, file, protocol=4)
            continue
        if path.endswith("-pandas.pickle"):  # classes that moved since, too
            found = pandas.read_pickle(path)
        else:
            with open(path, "rb") as file:
                found = pickle.load(file)
        if list(found) != expressions:
            print("%s: other keys" % path)
            continue
        for text in expressions:
            problem = expectations.difference(found[text], wanted[text], text)
            if problem is not None:
                print(problem)


main(*sys.argv[1:])
