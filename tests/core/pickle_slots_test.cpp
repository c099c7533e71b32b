#include <doctest/doctest.h>

#include <map>

#include "pickle/slots.h"
#include "pickle_testing.h"

namespace mmappickle::pickle {
namespace {

TEST_CASE("slots: the memo is a map, whatever the order of its slots") {
  Slots slots;
  std::map<std::uint64_t, Id> model;
  std::uint64_t state = 1;
  for (Id i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t slot = (state >> 33) % (i % 7 == 0 ? 100000 : i + 1);
    slots.put(slot, i);
    model[slot] = i;
  }
  CHECK(slots.count() == model.size());
  for (std::uint64_t slot = 0; slot < 100001; ++slot) {
    const auto found = model.find(slot);
    if (slots.get(slot) != (found == model.end() ? kNoId : found->second)) {
      FAIL_CHECK("slot " << slot);
    }
  }
}

TEST_CASE("slots: memos far apart take no more room than they need") {
  // 64-bit slots a stride apart that makes a hash table's worst case.
  std::string pickle = "N";
  for (std::uint64_t i = 0; i < 100000; ++i) {
    pickle += "r" + le(i * 42181 % 0xffffffffu, 4);
  }
  CHECK(read(pickle + ".") == "N");
}

}  // namespace
}  // namespace mmappickle::pickle
