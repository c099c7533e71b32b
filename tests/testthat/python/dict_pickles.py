"""Writes pickled dicts for the conversion: <folder>/<name>.pickle. Needs NumPy."""
import collections
import os
import pickle
import sys
import warnings

import numpy as np
import numpy.ma as ma


def masked():
    yield 'mask', ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    yield 'mask_fortran', ma.array(np.asfortranarray([[1, 2, 3], [4, 5, 6]], 'i4'),
                                   mask=[[0, 1, 0], [1, 0, 0]])
    yield 'fill', ma.array([1.0, 2.0], mask=[0, 1], fill_value=-7.5)
    yield 'fill_int', ma.array([1, 2], mask=[0, 1], fill_value=9, dtype='i2')
    yield 'fill_date', ma.array(np.zeros(2, 'M8[s]'), mask=[1, 0],
                                fill_value=np.datetime64('2020-01-01', 's'))
    yield 'fill_bytes', ma.array([b'ab', b'c'], mask=[1, 0], fill_value=b'zz')
    yield 'no_mask', ma.array([1.0, 2.0])
    yield 'mask_of_records', ma.array(np.zeros(2, [('a', 'f8'), ('b', 'i4')]),
                                      mask=[(0, 1), (1, 0)])
    yield 'mask_of_objects', ma.array(np.array([1, 'a'], object), mask=[0, 1])
    for code in ('f2', 'f4', 'c8', 'u8', 'i1', 'S3', 'U2', '?'):
        yield 'mask_' + code, ma.array(np.zeros(3, 'i1').astype(code), mask=[0, 1, 1])


def arrays():
    for code in ('?', 'i1', 'u2', 'i4', 'i8', 'u8', 'f2', 'f4', 'f8', 'g', 'c8', 'c16', 'S3', 'U4'):
        yield code, np.arange(6).reshape(2, 3).astype(code)
    for code in ('V5', 'M8[ns]', 'm8[25s]', 'M8[D]', 'M8'):
        yield code, np.zeros((2, 2), code)
    yield 'fortran', np.asfortranarray(np.arange(6.0).reshape(2, 3))
    yield 'transposed', np.arange(12.0).reshape(3, 2, 2).transpose(1, 0, 2)
    yield 'rank_0', np.array(5.0)
    yield 'empty', np.empty((0, 3))
    yield 'large', np.arange(100000.0)
    yield 'objects', np.array([1, 'a', None, [1, 2]], dtype=object)
    yield 'objects_2d', np.asfortranarray(np.array([[1, 'x'], [None, 2.5]], dtype=object))
    records = np.zeros(3, [('a', 'f8'), ('b', 'i4', (2,)), ('c', 'U3')])
    yield 'records', records
    yield 'aligned', np.zeros(3, np.dtype([('a', 'i1'), ('b', 'f8')], align=True))
    yield 'gaps', np.zeros(3, np.dtype({'names': ['a'], 'formats': ['i2'], 'offsets': [3],
                                        'itemsize': 9}))
    yield 'titles', np.zeros(2, np.dtype([(('title', 'a'), 'f8')]))
    yield 'recarray', np.rec.array([(1, 2.0), (3, 4.0)], names='x,y')
    yield 'matrix', np.matrix([[1, 2], [3, 4]])
    yield 'chararray', np.char.array(['a', 'bb'])
    yield 'many_records', [records, records.copy(), records]


def others():
    shared = np.arange(3.0)
    yield 'shared', [shared, shared, {'k': shared}]
    cycle = [shared]
    cycle.append(cycle)
    yield 'cycle', cycle
    holder = np.empty(2, object)
    holder[:] = [holder, shared]
    yield 'holds_itself', holder
    yield 'scalar', np.float32(1.5)
    yield 'dtype', np.dtype('i4')
    yield 'text', 'caf\u00e9'
    yield 'bytes', b'\0\xff'
    yield 'bytearray', bytearray(b'xyz')
    yield 'set', {1, 2}
    yield 'complex', 1 + 2j
    yield 'none', None
    yield '', 'the empty key'
    yield 'k' * 255, 'the longest key'


warnings.simplefilter('ignore')
folder = sys.argv[1]
everything = dict(list(arrays()) + list(masked()) + list(others()))
values = {'protocol_%d' % p: (everything, p) for p in range(6)}
items = [('z', np.arange(3.0)), ('a', 1)]
values['ordered'] = (collections.OrderedDict(items), 4)
values['ordered_0'] = (collections.OrderedDict(items), 0)
values['default'] = (collections.defaultdict(list, items), 4)
values['counter'] = (collections.Counter({'q': 3, 'a': 1}), 4)
values['counter_2'] = (collections.Counter({'q': 3, 'a': 1}), 2)
values['nothing'] = ({}, 4)
for name, (value, protocol) in values.items():
    with open(os.path.join(folder, name + '.pickle'), 'wb') as f:
        pickle.dump(value, f, protocol=protocol)
