// Any bytes as a pickle: an error of kind format, or a tree no larger than its bytes.
#include "../src/core/base/error.h"
#include "../src/core/numpy/recognise.h"
#include "../src/core/pickle/reader.h"
#include "fuzz.h"

using namespace mmappickle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pickle::Tree tree;
  pickle::Pickle read;
  try {
    read = pickle::read_pickle(tree, Bytes(data, size));
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
    return 0;
  }
  if (read.consumed > size || tree.size() > size + 8) __builtin_trap();
  const numpy::Recognised found = numpy::recognise(tree, read.root);
  if (found.found == numpy::Found::array || found.found == numpy::Found::scalar) {
    fuzz::decode_all(found.array);
  }
  return 0;
}
