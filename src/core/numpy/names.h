// Python names that stand for arrays, in every version that has written them.
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::numpy {

enum class Global : std::uint8_t {
  other,
  ndarray,  // and its subclasses, see class_name()
  record,   // numpy.record: the scalar type of record arrays
  dtype,
  reconstruct,  // _reconstruct
  from_string,
  reshape,
  from_buffer,  // _frombuffer
  copied,       // array()
  scalar,
  masked_array,
  masked_reconstruct,  // _mareconstruct
  string_dtype,        // what makes a StringDType
  encode,              // _codecs.encode: bytes in a pickle of protocol 0 to 2
  empty_bytes,         // bytes(): the same, of no bytes
  bytearray,           // bytearray(b"..."): what protocol 5 has an opcode for
};

// What the global `id` names; `other` for what is no global. By exact module and name.
// A class of arrays other than ndarray itself goes by its public name in `subclass`.
Global global_of(const pickle::Tree& tree, pickle::Id id,
                 std::string* subclass = nullptr);

}  // namespace mmappickle::numpy
