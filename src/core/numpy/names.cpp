#include "names.h"

#include "../pickle/inert.h"

namespace mmappickle::numpy {
namespace {

constexpr struct {
  std::string_view module, name;
  Global means;
  const char* subclass = "";
} kNames[] = {
    {"numpy", "ndarray", Global::ndarray},
    {"numpy", "dtype", Global::dtype},
    {"numpy", "record", Global::record},
    {"numpy.core.multiarray", "_reconstruct", Global::reconstruct},
    {"numpy._core.multiarray", "_reconstruct", Global::reconstruct},
    {"numpy", "array", Global::copied},
    {"numpy.core.multiarray", "scalar", Global::scalar},
    {"numpy._core.multiarray", "scalar", Global::scalar},
    {"numpy.core.multiarray", "fromstring", Global::from_string},
    {"numpy._core.multiarray", "fromstring", Global::from_string},
    {"numpy.core.fromnumeric", "reshape", Global::reshape},
    {"numpy._core.fromnumeric", "reshape", Global::reshape},
    {"numpy.core.numeric", "_frombuffer", Global::from_buffer},
    {"numpy._core.numeric", "_frombuffer", Global::from_buffer},
    {"numpy.ma.core", "MaskedArray", Global::masked_array},
    {"numpy.ma", "MaskedArray", Global::masked_array},
    {"numpy.ma.core", "_mareconstruct", Global::masked_reconstruct},
    {"numpy", "matrix", Global::ndarray, "numpy.matrix"},
    {"numpy.matrixlib.defmatrix", "matrix", Global::ndarray, "numpy.matrix"},
    {"numpy.core.defmatrix", "matrix", Global::ndarray, "numpy.matrix"},
    {"numpy", "recarray", Global::ndarray, "numpy.recarray"},
    {"numpy.rec", "recarray", Global::ndarray, "numpy.recarray"},
    {"numpy.core.records", "recarray", Global::ndarray, "numpy.recarray"},
    {"numpy._core.records", "recarray", Global::ndarray, "numpy.recarray"},
    {"numpy", "chararray", Global::ndarray, "numpy.chararray"},
    {"numpy.char", "chararray", Global::ndarray, "numpy.chararray"},
    {"numpy", "char.chararray", Global::ndarray, "numpy.chararray"},
    {"numpy.core.defchararray", "chararray", Global::ndarray, "numpy.chararray"},
    {"numpy._core.defchararray", "chararray", Global::ndarray, "numpy.chararray"},
    {"numpy", "memmap", Global::ndarray, "numpy.memmap"},
    {"numpy.core.memmap", "memmap", Global::ndarray, "numpy.memmap"},
    {"numpy._core.memmap", "memmap", Global::ndarray, "numpy.memmap"},
    {"numpy.core.records", "record", Global::record},
    {"numpy._core.records", "record", Global::record},
    {"numpy.rec", "record", Global::record},
    {"numpy.core.multiarray", "ndarray", Global::ndarray},
    {"numpy.core.multiarray", "dtype", Global::dtype},
    {"numpy._core._internal", "_convert_to_stringdtype_kwargs", Global::string_dtype},
    {"numpy.dtypes", "StringDType", Global::string_dtype},
    {"_codecs", "encode", Global::encode},
    {"builtins", "bytes", Global::empty_bytes},
    {"__builtin__", "bytes", Global::empty_bytes},
    {"builtins", "bytearray", Global::bytearray},
};

}  // namespace

Global global_of(const pickle::Tree& tree, pickle::Id id, std::string* subclass) {
  const auto* known = pickle::row_of(kNames, tree, id);
  if (!known) return Global::other;
  if (subclass) *subclass = known->subclass;
  return known->means;
}

}  // namespace mmappickle::numpy
