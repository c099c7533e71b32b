"""Compares what pickle.load gives for two files, pairs of them as arguments, the second of
each pair an mmapdict of this package: prints where they differ. Values are the same with
type, dtype (but for the byte order), shape, order, bytes, mask, fill value and sharing below
a key.
Names of NumPy that must not be looked up when the second is loaded are printed, too.
With "-" for the first file the second is loaded, and that is all."""
import pickle
import pickletools
import sys
import warnings

import numpy as np

OLD = ('fromstring', 'numpy.core.fromnumeric', 'numpy.core.records', 'numpy.core.defchararray',
       'numpy.core.numeric')


def native(dtype):
    return dtype.newbyteorder('=')


def native_bytes(a):
    # A conversion would leave anything in the gaps of records.
    return (a if a.dtype == native(a.dtype) else a.astype(native(a.dtype))).tobytes()


class Comparison:
    def __init__(self):
        self.seen = {}
        self.found = []

    def differ(self, where, what, a, b):
        self.found.append('%s: %s: %.200r, %.200r' % (where, what, a, b))

    def array(self, a, b, where):
        for what in ('shape', 'ndim'):
            if getattr(a, what) != getattr(b, what):
                return self.differ(where, what, getattr(a, what), getattr(b, what))
        if native(a.dtype) != native(b.dtype) or a.dtype.type is not b.dtype.type or \
                a.dtype.isalignedstruct != b.dtype.isalignedstruct:
            return self.differ(where, 'dtype', a.dtype, b.dtype)
        flags = [x.flags.f_contiguous and not x.flags.c_contiguous for x in (a, b)]
        if flags[0] != flags[1]:
            self.differ(where, 'order', *flags)
        if a.dtype.hasobject and a.dtype.names is None:
            a, b = np.asarray(a), np.asarray(b)
            for i in np.ndindex(a.shape):
                self(a[i], b[i], '%s%r' % (where, i))
        elif native_bytes(a) != native_bytes(b):
            self.differ(where, 'bytes', a, b)

    def masked(self, a, b, where):
        self.array(np.ma.getdata(a), np.ma.getdata(b), where)
        if (a._mask is np.ma.nomask) != (b._mask is np.ma.nomask):
            return self.differ(where, 'mask', a._mask, b._mask)
        if a._mask is not np.ma.nomask:
            self.array(a._mask, b._mask, where + ', mask')
        if (a._fill_value is None) != (b._fill_value is None):
            self.differ(where, 'fill value', a._fill_value, b._fill_value)
        elif a._fill_value is not None:
            self.array(a._fill_value, b._fill_value, where + ', fill value')
        if a._hardmask != b._hardmask:
            self.differ(where, 'hard mask', a._hardmask, b._hardmask)

    def __call__(self, a, b, where):
        if type(a) is not type(b):
            return self.differ(where, 'type', type(a), type(b))
        if isinstance(a, (list, dict, np.ndarray)):
            if id(a) in self.seen:
                if self.seen[id(a)] is not b:
                    self.differ(where, 'sharing', a, b)
                return
            self.seen[id(a)] = b
        if isinstance(a, np.ma.MaskedArray):
            self.masked(a, b, where)
        elif isinstance(a, np.ndarray):
            self.array(a, b, where)
        elif isinstance(a, (list, tuple)):
            if len(a) != len(b):
                return self.differ(where, 'length', len(a), len(b))
            for i, (x, y) in enumerate(zip(a, b)):
                self(x, y, '%s[%d]' % (where, i))
        elif type(a) is dict:
            if list(a) != list(b):
                return self.differ(where, 'keys', list(a), list(b))
            for k in a:
                self(a[k], b[k], '%s[%r]' % (where, k))
        elif pickle.dumps(a) != pickle.dumps(b) and not a == b:
            self.differ(where, 'value', a, b)


def load(path, action):
    with warnings.catch_warnings(), open(path, 'rb') as f:
        warnings.simplefilter(action)
        return pickle.load(f)


def executed(path):
    with open(path, 'rb') as f:
        for opcode, argument, _ in pickletools.genops(f):
            if isinstance(argument, str) and any(name in argument for name in OLD):
                yield argument


sys.setrecursionlimit(10000)
for first, second in zip(sys.argv[1::2], sys.argv[2::2]):
    after = load(second, 'error')
    for name in executed(second):
        print('%s: looks up %s' % (second, name))
    if first == '-':
        continue
    before = load(first, 'ignore')
    if list(before) != list(after):
        print('%s: keys: %.200r, %.200r' % (second, list(before), list(after)))
        continue
    for key in before:
        compare = Comparison()
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            compare(before[key], after[key], '%s[%r]' % (second, key))
        for line in compare.found:
            print(line)
