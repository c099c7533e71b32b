#include <doctest/doctest.h>

#include "../../src/core/store/fsck.h"
#include "../../src/core/store/grow.h"
#include "../../src/core/store/reclaim.h"
#include "abilities.h"
#include "child.h"
#include "store_history_testing.h"

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

#ifdef __linux__
constexpr bool kTellsWhoLooks = true;
#else
constexpr bool kTellsWhoLooks = false;
#endif

// The file's punches in the course of an append for which there is no room.
std::vector<os::FaultySystemCalls::Call> punches_of(
    const Scratch& scratch, Store& store, os::FaultySystemCalls& system,
    const std::vector<Range>& in_use = {}) {
  system.log.clear();
  Writing writing(store);
  make_room(writing, "g", 1, [&](const Range& range) {
    return std::find(in_use.begin(), in_use.end(), range) != in_use.end();
  });
  std::vector<os::FaultySystemCalls::Call> punches;
  for (const auto& call : system.log) {
    if (call.name == "punch") punches.push_back(call);
  }
  CHECK(contents(scratch.path()).size() == writing.file_size());
  return punches;
}

Range place_of(Store& store, const std::string& key) {
  const Reading reading(store);
  const Entry& entry = reading.index()[reading.require(key)];
  return {entry.at, entry.length};
}

// No room; large enough to be worth it.
numpy::StoredValue full(std::uint64_t rows = 200000) {
  return growing_value(8, rows, 'a', true);
}

TEST_CASE("what an array that grows leaves behind is emptied where nobody sees it") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "g", full());
  put(*store, "other", full());
  const Values values = values_of(*store);
  const Range old = place_of(*store, "g");
  const auto punches = punches_of(scratch, *store, system);
  if (!kTellsWhoLooks) {
    CHECK(punches.empty());
    return;
  }
  REQUIRE(punches.size() == 2);  // data and mask
  std::uint64_t size = 0;
  for (const auto& call : punches) {
    CHECK(call.offset > old.first);
    CHECK(call.offset + call.size < old.first + old.second);
    size += call.size;
  }
  CHECK(size > 9 * 200000 - 4 * kPage);
  CHECK(system.log.back().name == "punch");  // all else is committed
  CHECK(values_of(*store) == values);
  CHECK(values_of(scratch.path()) == values);
  CHECK(plain_values(contents(scratch.path())).size() == 2);
  CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
}

TEST_CASE("it is left where this process views it, and where it is small") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "g", full());
  CHECK(punches_of(scratch, *store, system, {place_of(*store, "g")}).empty());
  put(*store, "g", full(1000));
  CHECK(punches_of(scratch, *store, system).empty());
}

TEST_CASE("it is left where another handle is open, or was, and its map lives") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "g", full());
  std::shared_ptr<os::Mapping> map;
  {
    const auto other = Store::open(scratch.path(), readonly_options());
    CHECK(punches_of(scratch, *store, system).empty());
    const Reading reading(*other);
    map = reading.load(reading.require("g")).mapping;
  }
  put(*store, "g", full());
  CHECK(punches_of(scratch, *store, system).empty());
  map.reset();
  put(*store, "g", full());
  // With the next growth all that the key had before.
  CHECK(punches_of(scratch, *store, system).size() == (kTellsWhoLooks ? 10 : 0));
}

TEST_CASE("killed, or failing, at any call of that: the values are there") {
  const Scratch scratch;
  std::string before;
  {
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "g", full());
    before = contents(scratch.path());
  }
  const Values old = values_of(scratch.path());
  Values now;
  // Counted from 0: what none of the calls does, gives the model.
  for (std::uint64_t n = 0, calls = 0; n <= calls; ++n) {
    scratch.file(before);
    os::FaultySystemCalls system;
    const auto store = Store::open(scratch.path(), Options{}, system);
    system.log.clear();
    system.calls = 0;
    system.fail_at = n;
    error_of([&] { append(*store, "g", 1, 'b'); });
    const Values found = values_of(scratch.path());
    if (n > 0) {
      CHECK((found == old || found == now));
      continue;
    }
    calls = system.calls;
    now = found;
    REQUIRE(now != old);
    std::string state = before;
    bool seen = false;
    for (const auto& call : system.log) {
      if (call.name == "punch") state.replace(call.offset, call.size, call.size, '\0');
      if (call.name == "truncate") state.resize(call.size);
      if (call.name == "write_at") {
        const std::uint64_t end = call.offset + call.bytes.size();
        state.resize(std::max<std::uint64_t>(state.size(), end));
        std::copy(call.bytes.begin(), call.bytes.end(),
                  state.begin() + static_cast<std::ptrdiff_t>(call.offset));
      }
      const Values killed = values_of(scratch.file(state, "killed"));
      CHECK((killed == old || killed == now));
      seen = seen || killed == now;
    }
    CHECK(seen);
  }
}

#ifndef _WIN32

// It has the very descriptor, which no lease tells of.
TEST_CASE("it is left where a process that came by a fork may see it") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "g", full());
  test::Child child([&](test::Child& self) {
    self.ready();
    self.wait_for_release();
    return 0;
  });
  child.wait_until_ready();
  CHECK(punches_of(scratch, *store, system).empty());
  child.release();
  CHECK(child.exit_code() == 0);
}

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
