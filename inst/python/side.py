"""What the R package mmappickle asks of Python by way of reticulate (R/reticulate.R)."""

import ast
import pickle

import numpy


def _dtype(text):
    return numpy.dtype(ast.literal_eval(text) if text[0] in "[{" else text)


def memmap(path, writable, dtype, shape, fortran, data, mask):
    """The array that stands at offset `data`; `mask`: None, or that of its mask (0: none)."""
    shape = tuple(int(extent) for extent in shape)
    order = "F" if fortran else "C"

    def at(offset, dtype):
        if dtype.itemsize == 0 or 0 in shape:  # there is nothing to map
            array = numpy.zeros(shape, dtype, order)
            array.flags.writeable = writable
            return array
        mode = "r+" if writable else "r"
        return numpy.memmap(path, dtype, mode, int(offset), shape, order)

    values = at(data, _dtype(dtype))
    if mask is None:
        return values
    if mask == 0:
        return numpy.ma.MaskedArray(values, copy=False)
    return numpy.ma.MaskedArray(
        values, mask=at(mask, numpy.ma.make_mask_descr(values.dtype)), copy=False
    )


def masked(values, mask):
    return numpy.ma.MaskedArray(values, mask=mask)


def _in_place(x):
    """An array whose bytes can be written as they lie there."""
    return (
        type(x) in (numpy.ndarray, numpy.memmap)
        and not x.dtype.hasobject
        and (x.flags.c_contiguous or x.flags.f_contiguous)
    )


def pickled(x):
    """A pickle, and of the memory that it leaves out [address, size]."""
    if type(x) is numpy.memmap:  # another class only by where it lies
        x = numpy.asarray(x)
    if not _in_place(x):
        return [bytearray(pickle.dumps(x, protocol=4)), []]
    buffers = []
    head = pickle.dumps(x, protocol=5, buffer_callback=buffers.append)
    if len(buffers) != 1:  # of some dtypes NumPy gives none
        return [bytearray(pickle.dumps(x, protocol=4)), []]
    return [bytearray(head), [[str(x.ctypes.data), str(x.nbytes)]]]
