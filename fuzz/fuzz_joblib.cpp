// Any bytes as a dump of joblib's: what is found to be an array lies inside of its bytes,
// and the tree stays small.
#include "../src/core/base/error.h"
#include "../src/core/numpy/joblib.h"
#include "fuzz.h"

using namespace mmappickle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pickle::Tree tree;
  numpy::JoblibArrays joblib(tree);
  try {
    pickle::read_pickle(tree, Bytes(data, size), 0, joblib.reader());
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
    return 0;
  }
  if (tree.size() > 64 * size + 4096) __builtin_trap();
  numpy::Recogniser arrays(tree);
  for (pickle::Id id = 0; id < tree.size(); ++id) {
    if (tree[id].tag != pickle::Tag::object) continue;
    const numpy::Recognised found = arrays.recognise(id);
    if (found.found == numpy::Found::array || found.found == numpy::Found::scalar) {
      fuzz::decode_all(found.array);
    }
  }
  return 0;
}
