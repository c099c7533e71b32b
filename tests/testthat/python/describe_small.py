"""Says what pickle.load gives for mmapdict files, a JSON line {"file", "key", "value"} a key, in
the form that fixtures/README.md describes, for the values that R writes. Needs NumPy."""
import datetime
import json
import pickle
import struct
import sys

import numpy


def describe_float(x):
    if x != x:
        return {'t': 'float', 'v': 'nan', 'bits': struct.pack('>d', x).hex()}
    if x in (float('inf'), float('-inf')):
        return {'t': 'float', 'v': 'inf' if x > 0 else '-inf'}
    return {'t': 'float', 'v': x.hex()}


def describe_text(s):
    try:
        s.encode('utf8')
    except UnicodeEncodeError:
        return {'t': 'str', 'utf8_surrogatepass_hex': s.encode('utf8', 'surrogatepass').hex()}
    if '\0' in s:
        return {'t': 'str', 'utf8_surrogatepass_hex': s.encode('utf8').hex()}
    return {'t': 'str', 'v': s}


def describe_array(a):
    if isinstance(a, numpy.ma.MaskedArray):
        mask = a._mask
        return {'t': 'masked', 'data': describe(numpy.ma.getdata(a)),
                'mask': {'t': 'nomask'} if mask is numpy.ma.nomask else describe(mask),
                'fill_value': None if a._fill_value is None else 'set', 'hard': bool(a._hardmask)}
    d = {'t': 'ndarray', 'dtype': a.dtype.str, 'shape': list(a.shape),
         'fortran': bool(a.flags.f_contiguous and not a.flags.c_contiguous)}
    if a.dtype.hasobject:
        d['items'] = [describe(x) for x in a.ravel(order='C').tolist()]
    else:
        d['hex'] = a.tobytes().hex()
    return d


def describe_time(x):
    if type(x) is datetime.date:
        return {'t': 'date', 'v': x.isoformat()}
    if type(x) is datetime.datetime:
        plain = x.replace(tzinfo=None, fold=0)
        return {'t': 'datetime', 'v': plain.isoformat(timespec='microseconds'), 'fold': x.fold,
                'tz': describe_time(x.tzinfo) or {'t': 'None'}}
    if type(x) is datetime.timedelta:
        return {'t': 'timedelta', 'days': x.days, 'seconds': x.seconds,
                'microseconds': x.microseconds}
    if type(x) is datetime.timezone:
        return {'t': 'timezone', 'offset_us': str(x.utcoffset(None) // datetime.timedelta(0, 0, 1)),
                'name': None}
    return None


def describe(x):
    if x is None:
        return {'t': 'None'}
    if type(x) is bool:
        return {'t': 'bool', 'v': x}
    if type(x) is int:
        return {'t': 'int', 'v': str(x)}
    if type(x) is float:
        return describe_float(x)
    if type(x) is complex:
        return {'t': 'complex', 're': describe_float(x.real), 'im': describe_float(x.imag)}
    if type(x) is str:
        return describe_text(x)
    if type(x) is bytes:
        return {'t': 'bytes', 'hex': x.hex()}
    if type(x) in (list, tuple):
        return {'t': type(x).__name__, 'items': [describe(i) for i in x]}
    if type(x) is dict:
        return {'t': 'dict', 'items': [[describe(k), describe(v)] for k, v in x.items()]}
    if isinstance(x, numpy.ndarray):
        if not x.flags.writeable:
            raise ValueError('an array is not writable')
        return describe_array(x)
    time = describe_time(x)
    if time is not None:
        return time
    return {'t': 'object', 'class': '%s.%s' % (type(x).__module__, type(x).__qualname__)}


sys.setrecursionlimit(100000)
for path in sys.argv[1:]:
    with open(path, 'rb') as f:
        loaded = pickle.load(f)
    for key, value in loaded.items():
        print(json.dumps({'file': path, 'key': describe(key), 'value': describe(value)},
                         separators=(',', ':')))
