"""Writes ../fixtures/scipy/sparse.pickle.gz: {name: (sparse, the same as an array)}.

    sparse_cases.py FILE

Every form of SciPy, as its versions pickle them: written with SciPy 1.10, what other versions
do otherwise is put on by hand.
"""

import gzip
import pickle
import pickletools
import sys

import numpy as np
import scipy.sparse as sp
import scipy.sparse._coo
import scipy.sparse._csr
import scipy.sparse._dok

FORMS = ["csr", "csc", "coo", "bsr", "dia", "dok", "lil"]
TYPES = ["?", "i1", "u1", "i8", "u8", "f2", "f4", "f8", ">f8", "g"]
A = np.array([[1, 0, 0, 2], [0, 0, 3, 0], [0, 4, 0, 0]])


def twin(module, name, **attributes):
    """An object that is pickled as one of that class, whatever this SciPy has."""
    kind = type(name, (), {"__module__": module.__name__})
    setattr(module, name, kind)
    out = kind()
    out.__dict__.update(attributes)
    return out


def cases():
    for form in FORMS:
        for kind in ("matrix", "array"):
            make = getattr(sp, form + "_" + kind)
            yield form + "_" + kind, make(A), A
        make = getattr(sp, form + "_matrix")
        for dtype in TYPES:
            if form in ("dok", "lil", "bsr") and dtype in ("f2", ">f8", "g"):
                continue  # SciPy has no such
            x = A.astype(dtype)
            if dtype in ("f2", ">f8", "g"):
                s = make(A.astype("f8"))
                s.data = s.data.astype(dtype)
            else:
                s = make(x)
            yield form + " " + dtype, s, x
        yield form + " empty", make((3, 4)), np.zeros((3, 4))
        if form != "bsr":
            yield form + " of no rows", make(np.zeros((0, 4))), np.zeros((0, 4))
    blocks = np.kron(np.array([[1, 0, 2], [0, 3, 0]]), [[1.0, 2, 0], [4, 5, 6]])
    yield "bsr blocks", sp.bsr_matrix(blocks, blocksize=(2, 3)), blocks
    square = np.kron(np.array([[1, 0, 2], [0, 3, 4]]), [[1.0, 2, 0], [4, 5, 6], [0, 7, 8]])[:, :6]
    yield "bsr as many blocks", sp.bsr_matrix(square, blocksize=(3, 3)), square
    wide = sp.dia_matrix((np.arange(1.0, 16).reshape(3, 5), [-1, 0, 9]), shape=(4, 4))
    yield "dia wide", wide, wide.toarray()
    one = sp.dia_matrix((np.arange(1.0, 3), [1]), shape=(4, 3))
    yield "dia short", one, one.toarray()
    unsorted = sp.csr_matrix((3, 4))
    unsorted.data = np.array([2.0, 1, 3, 5, 7])
    unsorted.indices = np.array([3, 0, 1, 0, 1], "i4")
    unsorted.indptr = np.array([0, 2, 5, 5], "i4")
    yield "csr unsorted, twice", unsorted, unsorted.toarray()
    yield "csc unsorted, twice", unsorted.T, unsorted.T.toarray()
    longer = unsorted.copy()
    longer.indptr = np.array([0, 2, 3, 3], "i8")
    yield "csr longer than used", longer, np.array([[1, 0, 0, 2], [0, 3, 0, 0], [0, 0, 0, 0]])
    flags = unsorted.copy()
    flags.data = np.array([True, False, True, True, True])
    yield "csr bool, twice", flags, np.array([[0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0]], "?")
    coo = sp.coo_matrix(([1.0, 2, 3, np.nan], ([0, 2, 0, 1], [1, 1, 1, 3])), shape=(3, 4))
    yield "coo twice", coo, np.array([[0, 4.0, 0, 0], [0, 0, 0, np.nan], [0, 2, 0, 0]])
    long = sp.csc_matrix(A * 1.0)
    long.indices, long.indptr = long.indices.astype("i8"), long.indptr.astype("i8")
    yield "csc int64 indices", long, A
    # SciPy 1.13 and later
    state = {"_shape": (3, 4), "maxprint": 50}
    ij, x = A.nonzero(), A[A.nonzero()] * 1.0
    yield "coo coords", twin(scipy.sparse._coo, "coo_array", coords=ij, data=x, **state), A
    flat = {"_shape": (5,), "maxprint": 50}
    yield (
        "coo flat",
        twin(scipy.sparse._coo, "coo_array", coords=(np.array([4, 1]),), data=x[:2], **flat),
        np.array([0, 2.0, 0, 0, 1]),
    )
    yield (
        "csr flat",
        twin(scipy.sparse._csr, "csr_array", indices=np.array([1, 4], "i4"), data=x[:2],
             indptr=np.array([0, 2], "i4"), **flat),
        np.array([0, 1.0, 0, 0, 2]),
    )
    places = {(int(i), int(j)): np.float64(v) for i, j, v in zip(*ij, x)}
    yield "dok dict", twin(scipy.sparse._dok, "dok_array", _dict=places, dtype=x.dtype, **state), A


def main(path):
    out = {}
    for name, sparse, dense in cases():
        out[name] = (pickle.dumps(sparse, 2), np.asarray(dense).astype("f8"))
    for form in FORMS:  # SciPy 1.7 and before
        old = pickle.dumps(getattr(sp, form + "_matrix")(A), 2)
        new = b"cscipy.sparse._%s\n" % form.encode()
        assert new in old
        out[form + " old"] = (old.replace(new, new.replace(b"_", b"", 1)), A * 1.0)
        out[form + " public"] = (old.replace(new, b"cscipy.sparse\n"), A * 1.0)
    with gzip.GzipFile(path, "wb", mtime=0) as f:
        f.write(pickletools.optimize(pickle.dumps(out, 4)))


main(sys.argv[1])
