// Any bytes as a pickle, or as the inside of an entry, with R metadata: what it becomes
// in R. Whatever it is, the plans hold what plan_testing.h asks of all.
#include "../src/core/base/error.h"
#include "../src/core/pickle/reader.h"
#include "../tests/core/plan_testing.h"
#include "fuzz.h"

using namespace mmappickle;

namespace {

void plan_all(pickle::Tree& tree, pickle::Id value, pickle::Id metadata,
              unsigned choice) {
  plan::Options options;
  options.simplify = choice & 1;
  options.scalars.bit64 = choice & 2;
  options.scalars.numbers = choice & 4;
  plan::Planner planner(tree, options);
  try {
    planner.run(value, metadata);
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format && e.kind != ErrorKind::limit) __builtin_trap();
    return;
  }
  const plan::Plans& plans = planner.plans();
  if (!plan::problem_of(plans, tree).empty()) __builtin_trap();
  plan::place_of(plans, tree, plans.order.front());
  // What lies in the input can be read; of objects, whose "bytes" are numbers, see there.
  for (const numpy::Array& array : plans.arrays) {
    if (array.objects == pickle::kNoId) fuzz::decode_all(array);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, size);
  const unsigned choice = size > 0 ? data[size - 1] : 0;
  try {
    pickle::Tree tree;
    const pickle::Pickle read = pickle::read_pickle(tree, bytes);
    plan_all(tree, read.root, read.metadata, choice);
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
  }
  try {
    pickle::Tree tree;
    const pickle::EntryValue read = pickle::read_entry(tree, bytes);
    plan_all(tree, read.value, read.metadata, choice);
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
  }
  return 0;
}
