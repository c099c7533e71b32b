"""A state dict as torch.save() of PyTorch 1.6 and newer writes it, made without PyTorch: the
names that its pickle has, and the storages beside it.

usage: torch_file.py FILE"""
import collections
import io
import pickle
import sys
import types
import zipfile

import numpy as np

torch = types.ModuleType("torch")
utils = types.ModuleType("torch._utils")
sys.modules.update({"torch": torch, "torch._utils": utils})


def named(module, name):
    made = type(name, (), {"__module__": module.__name__})
    setattr(module, name, made)
    return made


def function(module, name):
    def made(*args):
        raise NotImplementedError
    made.__module__, made.__name__, made.__qualname__ = module.__name__, name, name
    setattr(module, name, made)
    return made


rebuild, parameter = (function(utils, name) for name in (
    "_rebuild_tensor_v2", "_rebuild_parameter"))
types_of = {np.dtype(code): named(torch, name + "Storage") for code, name in (
    ("f4", "Float"), ("f8", "Double"), ("i8", "Long"), ("?", "Bool"), ("f2", "Half"))}


class Storage:
    def __init__(self, array):
        self.array = array


class Tensor:
    def __init__(self, storage, offset, size, stride):
        self.args = (storage, offset, size, stride, False, collections.OrderedDict())

    def __reduce__(self):
        return rebuild, self.args


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce__(self):
        return parameter, (self.tensor, True, collections.OrderedDict())


storages = []


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        if value not in storages:
            storages.append(value)
        return ("storage", types_of[value.array.dtype], str(storages.index(value)), "cpu",
                value.array.size)


numbers = Storage(np.arange(6, dtype="f4") / 2)
state = collections.OrderedDict(
    weight=Tensor(numbers, 0, (2, 3), (3, 1)), turned=Tensor(numbers, 0, (3, 2), (1, 3)),
    last=Tensor(numbers, 4, (2,), (1,)), one=Tensor(numbers, 5, (), ()),
    strided=Tensor(numbers, 0, (3,), (2,)), empty=Tensor(numbers, 0, (0, 3), (3, 1)),
    steps=Tensor(Storage(np.array([7], "i8")), 0, (), ()),
    bias=Parameter(Tensor(Storage(np.array([1.5, -1], "f8")), 0, (2,), (1,))),
    mask=Tensor(Storage(np.array([True, False])), 0, (2,), (1,)))
state._metadata = collections.OrderedDict([("", {"version": 1})])
data = io.BytesIO()
Pickler(data, protocol=2).dump(state)
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("model/data.pkl", data.getvalue())
    for i, storage in enumerate(storages):
        archive.writestr("model/data/%d" % i, storage.array.tobytes())
    archive.writestr("model/version", "3\n")
