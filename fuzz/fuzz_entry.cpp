// Any bytes as the inside of an entry: as an array entry of both forms, as a value, and
// as what is told of either without reading it.
#include "../src/core/base/error.h"
#include "../src/core/numpy/array_form.h"
#include "../src/core/numpy/recognise.h"
#include "../src/core/pickle/reader.h"
#include "../src/core/plan/brief.h"
#include "fuzz.h"

using namespace mmappickle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes body(data, size);
  numpy::ArrayEntry entry;
  std::string problem;
  if (numpy::read_array_entry(body, entry, problem) == numpy::HeadKind::array) {
    fuzz::decode_all(entry.array);
  }
  std::uint64_t swallowed = 0;
  numpy::is_padding(body, swallowed);

  // In full, and as long ones are: by their first and last bytes.
  plan::BriefOptions options;
  options.reversed = size % 2 == 0;
  for (const std::uint64_t most : {plan::kMostOfEntry, std::uint64_t{size} / 2 + 1}) {
    options.most = most;
    plan::brief_of(body, options);
  }

  pickle::Tree tree;
  try {
    const pickle::EntryValue read = pickle::read_entry(tree, body);
    const numpy::Recognised found = numpy::recognise(tree, read.value);
    if (found.found == numpy::Found::array || found.found == numpy::Found::scalar) {
      fuzz::decode_all(found.array);
    }
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) __builtin_trap();
  }
  return 0;
}
