#include <doctest/doctest.h>

#include "../../src/core/store/fsck.h"
#include "../../src/core/store/reclaim.h"
#include "child.h"
#include "holes.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

constexpr std::size_t kCount = 40000;  // doubles

bool nothing_in_use(const Range&) { return false; }

std::vector<double> ones() { return std::vector<double>(kCount, 1.0); }

// Dead: an array, a masked one, one inside a value, a text; live: an array.
void fill(Store& store) {
  put(store, "array", doubles_value(ones()));
  put(store, "masked",
      array_value("float64", {kCount}, doubles(ones()),
                  bytes_source(std::string(kCount, '\1'))));
  put(store, "nested", nested_value(ones()));
  put(store, "text", text_value(std::string(100000, 't')));
  put(store, "live", doubles_value(ones()));
  for (const char* key : {"array", "masked", "nested", "text"}) erase(store, key);
}

TEST_CASE("the data of dead arrays become holes; all else stays as it is" *
          doctest::skip(!test::makes_holes())) {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  fill(*store);
  const std::string before = contents(scratch.path());
  const Values values = values_of(scratch.path());
  system.log.clear();
  const std::uint64_t bytes = reclaim(*store, false, nothing_in_use);
  CHECK(bytes > 3 * 8 * kCount);
  CHECK(bytes < 3 * 8 * kCount + kCount + 5 * kPage);
  CHECK(system.log.size() == 4);  // one of them a mask
  for (const auto& call : system.log) {
    CHECK(call.name == "punch");
    CHECK(call.offset % kPage == 0);
    CHECK(call.size % kPage == 0);
  }
  // Zeros in the holes, and nowhere else.
  std::string expected = before;
  for (const auto& call : system.log)
    expected.replace(call.offset, call.size, call.size, '\0');
  CHECK(contents(scratch.path()) == expected);
  CHECK(values_of(*store) == values);
  CHECK(values_of(scratch.path()) == values);
  CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
  // Killed behind any of the holes.
  std::string holed = before;
  for (const auto& call : system.log) {
    holed.replace(call.offset, call.size, call.size, '\0');
    CHECK(values_of(scratch.file(holed, "killed")) == values);
    pickle::Tree tree;
    CHECK(pickle::read_pickle(tree, Bytes(holed)).consumed == holed.size());
  }
  // Once is enough.
  system.log.clear();
  CHECK(reclaim(*store, false, nothing_in_use) == 0);
  CHECK(system.log.empty());
  put(*store, "more", 7);
  CHECK(values_of(scratch.path())["more"] == "i7");
}

TEST_CASE("what is in use, and old paddings, are left alone") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  fill(*store);
  system.log.clear();
  std::vector<Range> asked;
  reclaim(*store, false, [&](const Range& range) {
    asked.push_back(range);
    return true;
  });
  CHECK(system.log.empty());
  CHECK(asked.size() == 4);
  const auto entries = list_entries(Reading(*store), true);
  for (const Range& range : asked) {
    int hits = 0;
    for (const Listing& entry : entries) hits += !entry.live && entry.at == range.first;
    CHECK(hits == 1);
  }
}

TEST_CASE("where the file system has no holes, it says so") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  fill(*store);
  const std::string before = contents(scratch.path());
  system.calls = 0;
  system.fail_at = 1;
  system.error = "EOPNOTSUPP";
  CHECK(error_of([&] { reclaim(*store, false, nothing_in_use); }).kind ==
        ErrorKind::unsupported);
  CHECK(contents(scratch.path()) == before);
}

TEST_CASE("reclaim: readonly") {
  const Scratch scratch;
  { const auto store = Store::open(scratch.path(), Options{}); }
  const auto store = Store::open(scratch.path(), readonly_options());
  CHECK(error_of([&] { reclaim(*store, false, nothing_in_use); }).kind ==
        ErrorKind::readonly);
}

#ifndef _WIN32

TEST_CASE("reclaim: busy where others have the file open, unless forced") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  fill(*store);
  test::Child child([&](test::Child& self) {
    const auto other = Store::open(scratch.path(), readonly_options());
    self.ready();
    self.wait_for_release();
    return 0;
  });
  child.wait_until_ready();
  CHECK(error_of([&] { reclaim(*store, false, nothing_in_use); }).kind ==
        ErrorKind::busy);
  CHECK(reclaim(*store, true, nothing_in_use) > 0);
  child.release();
  CHECK(child.exit_code() == 0);
}

#endif

}  // namespace
}  // namespace mmappickle::store
