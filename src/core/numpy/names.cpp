#include "names.h"

#include "../pickle/inert.h"

namespace mmappickle::numpy {
namespace {

constexpr struct {
  std::string_view module, name;
  Name means;
  const char* subclass = "";
} kNames[] = {
    {"numpy", "ndarray", Name::ndarray},
    {"numpy", "dtype", Name::dtype},
    {"numpy", "record", Name::record},
    {"numpy.core.multiarray", "_reconstruct", Name::reconstruct},
    {"numpy._core.multiarray", "_reconstruct", Name::reconstruct},
    {"numpy.core.multiarray", "scalar", Name::scalar},
    {"numpy._core.multiarray", "scalar", Name::scalar},
    {"numpy.core.multiarray", "fromstring", Name::from_string},
    {"numpy._core.multiarray", "fromstring", Name::from_string},
    {"numpy.core.fromnumeric", "reshape", Name::reshape},
    {"numpy._core.fromnumeric", "reshape", Name::reshape},
    {"numpy.core.numeric", "_frombuffer", Name::from_buffer},
    {"numpy._core.numeric", "_frombuffer", Name::from_buffer},
    {"numpy.ma.core", "MaskedArray", Name::masked_array},
    {"numpy.ma", "MaskedArray", Name::masked_array},
    {"numpy.ma.core", "_mareconstruct", Name::masked_reconstruct},
    {"numpy", "matrix", Name::ndarray, "numpy.matrix"},
    {"numpy.matrixlib.defmatrix", "matrix", Name::ndarray, "numpy.matrix"},
    {"numpy.core.defmatrix", "matrix", Name::ndarray, "numpy.matrix"},
    {"numpy", "recarray", Name::ndarray, "numpy.recarray"},
    {"numpy.rec", "recarray", Name::ndarray, "numpy.recarray"},
    {"numpy.core.records", "recarray", Name::ndarray, "numpy.recarray"},
    {"numpy._core.records", "recarray", Name::ndarray, "numpy.recarray"},
    {"numpy", "chararray", Name::ndarray, "numpy.chararray"},
    {"numpy.char", "chararray", Name::ndarray, "numpy.chararray"},
    {"numpy", "char.chararray", Name::ndarray, "numpy.chararray"},
    {"numpy.core.defchararray", "chararray", Name::ndarray, "numpy.chararray"},
    {"numpy._core.defchararray", "chararray", Name::ndarray, "numpy.chararray"},
    {"numpy", "memmap", Name::ndarray, "numpy.memmap"},
    {"numpy.core.memmap", "memmap", Name::ndarray, "numpy.memmap"},
    {"numpy._core.memmap", "memmap", Name::ndarray, "numpy.memmap"},
    {"numpy.core.records", "record", Name::record},
    {"numpy._core.records", "record", Name::record},
    {"numpy.rec", "record", Name::record},
    {"numpy.core.multiarray", "ndarray", Name::ndarray},
    {"numpy.core.multiarray", "dtype", Name::dtype},
    {"numpy._core._internal", "_convert_to_stringdtype_kwargs", Name::string_dtype},
    {"numpy.dtypes", "StringDType", Name::string_dtype},
    {"_codecs", "encode", Name::encode},
    {"builtins", "bytes", Name::empty_bytes},
    {"__builtin__", "bytes", Name::empty_bytes},
    {"builtins", "bytearray", Name::bytearray},
};

}  // namespace

Name name_of(const pickle::Tree& tree, pickle::Id id, std::string* subclass) {
  const auto* known = pickle::row_of(kNames, tree, id);
  if (!known) return Name::other;
  if (subclass) *subclass = known->subclass;
  return known->means;
}

}  // namespace mmappickle::numpy
