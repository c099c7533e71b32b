#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>

#include "../../src/core/os/map.h"
#include "abilities.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

using Calls = std::vector<os::FaultySystemCalls::Call>;

std::string bytes_of(const os::FaultySystemCalls::Call& call) {
  return std::string(call.bytes.begin(), call.bytes.end());
}

// The file after the first `n` of the calls.
std::string replay(std::string file, const Calls& calls, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto& call = calls[i];
    if (call.name == "truncate") file.resize(call.size);
    if (call.name != "write_at") continue;
    if (file.size() < call.offset + call.bytes.size()) {
      file.resize(call.offset + call.bytes.size());
    }
    file.replace(call.offset, call.bytes.size(), bytes_of(call));
  }
  return file;
}

TEST_CASE("an insert is four writes: number, dead entry, 11 bytes, state") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  system.log.clear();
  put(*store, "n", 5);
  REQUIRE(system.log.size() == 4);
  CHECK(system.log[0].offset == 18);
  CHECK(bytes_of(system.log[0]) == raw("\x01\0\0\0"));
  CHECK(system.log[1].offset == 35);
  CHECK(bytes_of(system.log[1]) == raw("nK\x05J\0\0\0\0"
                                       "000\x95\x02\0\0\0\0\0\0\0d."));
  CHECK(system.log[2].offset == 24);
  CHECK(bytes_of(system.log[2]) == raw("\x95\x0d\0\0\0\0\0\0\0\x8c\x01"));
  CHECK(system.log[3].offset == 44);
  CHECK(bytes_of(system.log[3]) == "\x88");
}

TEST_CASE(
    "replace: the older entry is marked dead behind the commit; delete: two writes") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "n", 5);
  system.log.clear();
  put(*store, "n", 6);
  REQUIRE(system.log.size() == 5);
  CHECK(system.log[4].offset == 44);
  CHECK(bytes_of(system.log[4]) == "0");
  system.log.clear();
  erase(*store, "n");
  REQUIRE(system.log.size() == 2);
  CHECK(system.log[0].offset == 18);
  CHECK(bytes_of(system.log[1]) == "0");
  CHECK(Reading(*store).dead_bytes() == 44);
  CHECK(Reading(*store).commit_number() == 3);
}

TEST_CASE("durable: to disk before the entry shows, before the commit, and behind it") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  Options options;
  options.durable = true;
  const auto store = Store::open(scratch.path(), options, system);
  const auto names = [&] {
    std::string names;
    for (const auto& call : system.log) names += call.name[0];
    system.log.clear();
    return names;
  };
  CHECK(names() == "cwwtsrs");  // the last one is that of the folder
  put(*store, "n", 5);
  CHECK(names() == "wwswsws");
  put(*store, "n", 5);
  CHECK(names() == "wwswswsws");  // the new one shows on disk before the old one dies
  erase(*store, "n");
  CHECK(names() == "wws");
  // The name of a file that somebody made who does not wait for the disk.
  Store::open(scratch.path(), options, system);
  REQUIRE(system.log.size() == 1);
  CHECK(system.log[0].name == "sync_folder");
}

TEST_CASE("every prefix of the writes reads as before or as after") {
  for (const int size : {3, 5000, 300000}) {
    const Scratch scratch;
    os::FaultySystemCalls system;
    const auto store = Store::open(scratch.path(), Options{}, system);
    put(*store, "a", 1);
    put(*store, "b", 2);
    for (int change = 0; change < 3; ++change) {
      const std::string before = contents(scratch.path());
      const Values old_values = values_of(scratch.path());
      system.log.clear();
      if (change == 0) put(*store, "c", text_value(std::string(size, 'x')));
      if (change == 1) put(*store, "a", text_value(std::string(size, 'y')));
      if (change == 2) erase(*store, "b");
      const Values new_values = values_of(scratch.path());
      CHECK(old_values != new_values);
      const Calls calls = system.log;
      for (std::size_t n = 0; n <= calls.size(); ++n) {
        const std::string path = scratch.file(replay(before, calls, n), "prefix");
        const Values values = values_of(path);
        CHECK((values == old_values || values == new_values));
        // And a writer heals it.
        const auto other = Store::open(path, Options{});
        put(*other, "more", 7);
        Values more = values;
        more["more"] = "i7";
        CHECK(values_of(path) == more);
      }
    }
  }
}

TEST_CASE("around a page's end the bridge goes first") {
  int bridges = 0;
  for (std::uint64_t terminator = 4096 - 16; terminator < 4096 + 4; ++terminator) {
    const Scratch scratch;
    os::FaultySystemCalls system;
    const auto store = Store::open(scratch.path(), Options{}, system);
    // BINUNICODE with 4 bytes of length: head 11 + 1, opcode 5, tail 8.
    put(*store, "a", text_value(std::string(terminator - 24 - 12 - 5 - 8, 'x')));
    REQUIRE(contents(scratch.path()).size() == terminator + kTerminatorSize);
    const Values before = values_of(scratch.path());
    const std::string file = contents(scratch.path());
    system.log.clear();
    put(*store, "b", 2);
    const bool crosses = terminator / kPage != (terminator + 10) / kPage;
    REQUIRE(system.log.size() == 4);
    CHECK(system.log[2].offset == terminator);
    CHECK(bytes_of(system.log[2]) == (crosses ? std::string(kBridge.substr(0, 11))
                                              : raw("\x95\x0d\0\0\0\0\0\0\0\x8c\x01")));
    CHECK(Reading(*store).dead_bytes() == (crosses ? kBridge.size() : 0));
    bridges += crosses ? 1 : 0;
    // The 11 bytes torn at the page's end, either half alone.
    if (crosses) {
      const std::string whole = bytes_of(system.log[2]);
      const std::size_t split = kPage - terminator;
      for (const bool first : {true, false}) {
        std::string torn = replay(file, system.log, 2);
        for (std::size_t i = 0; i < 11; ++i) {
          if ((i < split) == first) torn[terminator + i] = whole[i];
        }
        const std::string path = scratch.file(torn, "torn");
        CHECK(values_of(path) == before);
        const auto healed = Store::open(path, Options{});
        put(*healed, "c", 3);
        CHECK(values_of(path).size() == 2);
        CHECK(values_of(path)["c"] == "i3");
      }
    }
    const Values after = values_of(scratch.path());
    CHECK(after.size() == 2);
    CHECK(after.at("b") == "i2");
    CHECK(Reading(*Store::open(scratch.path(), readonly_options())).dead_bytes() ==
          Reading(*store).dead_bytes());
  }
  CHECK(bridges == 10);
}

TEST_CASE("writing heals: bytes behind the terminator, duplicates, half a terminator") {
  const Scratch scratch;
  const std::string old_a = entry_bytes("a", "K\x01"), b = entry_bytes("b", "K\x02"),
                    new_a = entry_bytes("a", "K\x03");
  for (const std::string& junk : {std::string(), std::string("j"), b,
                                  std::string(5000, '\0'), terminator_bytes()}) {
    const std::string path =
        scratch.file(header_bytes() + old_a + b + new_a + b + terminator_bytes() + junk);
    os::FaultySystemCalls system;
    const auto store = Store::open(path, Options{}, system);
    { const Writing writing(*store); }
    REQUIRE(!system.log.empty());
    CHECK(system.log[0].offset == 18);
    CHECK(bytes_of(system.log[0]) == raw("\x01\0\0\0"));
    CHECK(contents(path).size() == 24 + old_a.size() * 2 + b.size() * 2 + 11);
    Values expected{{"a", "i3"}, {"b", "i2"}};
    CHECK(values_of(path) == expected);
    const auto all = list_entries(Reading(*store), true);
    CHECK(all.size() == 4);
    const std::string healed = contents(path);
    CHECK(healed[24 + old_a.size() - 2] == '0');
    CHECK(healed[24 + old_a.size() + b.size() - 2] == '0');
    CHECK(Reading(*store).dead_bytes() == old_a.size() + b.size());
    system.log.clear();
    { const Writing writing(*store); }
    CHECK(system.log.empty());
    erase(*store, "a");
    CHECK(values_of(path) == Values{{"b", "i2"}});
  }
}

TEST_CASE("state bytes that are neither live nor dead read as dead") {
  const Scratch scratch;
  std::string strange = entry_bytes("s", "N");
  strange[strange.size() - 2] = 'N';
  const std::string path =
      scratch.file(header_bytes() + strange + entry_bytes("a", "N") + terminator_bytes());
  CHECK(values_of(path) == Values{{"a", "N"}});
}

TEST_CASE("the commit number goes on through its ends") {
  const Scratch scratch;
  for (const auto& step : std::vector<std::pair<std::int32_t, std::int32_t>>{
           {INT32_MAX, 0}, {-1, 0}, {INT32_MIN, INT32_MIN + 1}, {0, 1}}) {
    std::string file(empty_file());
    file.replace(18, 4, pickle::le(static_cast<std::uint32_t>(step.first), 4));
    const auto store = Store::open(scratch.file(file), Options{});
    put(*store, "a", 1);
    CHECK(Reading(*store).commit_number() == step.second);
    CHECK(commit_number(Bytes(contents(scratch.path()))) == step.second);
  }
}

TEST_CASE("a value that cannot be written changes nothing") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "a", 1);
  const std::string before = contents(scratch.path());
  CHECK(error_of([&] { put(*store, std::string(256, 'k'), 1); }).kind == ErrorKind::key);
  CHECK(contents(scratch.path()) == before);
}

// Yields its bytes in pieces, and stops after some.
class Stuttering : public Source {
 public:
  Stuttering(std::uint64_t size, std::uint64_t fail_at)
      : size_(size), fail_at_(fail_at) {}
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    if (offset + n > fail_at_) throw Error(ErrorKind::io, "the source fails");
    for (std::uint64_t i = 0; i < n; ++i)
      to[i] = static_cast<std::uint8_t>((offset + i) % 251);
  }

 private:
  std::uint64_t size_, fail_at_;
};

TEST_CASE("streamed payloads; a source that fails and an interrupt are undone") {
  const Scratch scratch;
  Options options;
  int polls = 0;
  bool interrupt = false;
  options.poll = [&] {
    ++polls;
    if (interrupt && polls > 1) throw Interrupted{};
  };
  const auto store = Store::open(scratch.path(), options);
  put(*store, "a", 1);
  const Values before = values_of(scratch.path());
  const std::uint64_t size = 5 * 1024 * 1024 + 17;
  const auto stored_value = [&](std::uint64_t fail_at) {
    return array_value("uint8", {size}, std::make_shared<Stuttering>(size, fail_at));
  };
  CHECK(error_of([&] { put(*store, "s", stored_value(3 * 1024 * 1024)); }).key == "s");
  CHECK(contents(scratch.path()).size() == 24 + 22 + 11);
  CHECK(values_of(scratch.path()) == before);
  interrupt = true;
  polls = 0;
  CHECK_THROWS_AS(put(*store, "s", stored_value(UINT64_MAX)), Interrupted);
  CHECK(contents(scratch.path()).size() == 24 + 22 + 11);
  CHECK(values_of(*store) == before);
  interrupt = false;
  put(*store, "s", stored_value(UINT64_MAX));
  CHECK(polls > 5);
  const Reading reading(*store);
  const Loaded loaded = reading.load(reading.require("s"));
  REQUIRE(loaded.is_array);
  REQUIRE(loaded.array.count() == size);
  bool same = true;
  for (std::uint64_t i = 0; i < size; ++i) same = same && loaded.array.data[i] == i % 251;
  CHECK(same);
}

TEST_CASE("a stub is a hole") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const std::uint64_t size = std::uint64_t{1} << (test::kAddressesAbound ? 33 : 30);
  put(*store, "stub", array_value("float64", {size / 8}, hole_source(size)));
  const std::uint64_t much = std::uint64_t{1} << 33;
  put(*store, "large", array_value("float64", {much / 8}, hole_source(much)));
  const Reading reading(*store);
  CHECK(reading.file_size() > size + much);
  CHECK(reading.status().allocated < 1 << 20);
  const Loaded loaded = reading.load(reading.require("stub"));
  CHECK(loaded.array.count() == size / 8);
  CHECK(loaded.array.data[size - 1] == 0);
  CHECK((loaded.array.data - loaded.mapping->data()) % 64 == 0);
  // Where addresses do not do for one, it is read from the file.
  const Loaded large = reading.load(reading.require("large"));
  CHECK((large.mapping != nullptr) == test::kAddressesAbound);
  if (large.mapping) return;
  CHECK(large.array.data == nullptr);
  std::uint8_t last[8] = {1};
  large.file->read(large.place.data + much - 8, last, 8);
  CHECK(load_native<std::uint64_t>(last) == 0);
}

TEST_CASE("overwriting in place moves nothing, and needs no new walk") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "x", doubles_value({1, 2, 3}));
  const std::string before = contents(scratch.path());
  {
    Writing writing(*store);
    const Loaded loaded = writing.load(writing.require("x"));
    const double value = 42;
    overwrite(writing, loaded.place.data + 8,
              Bytes(reinterpret_cast<const std::uint8_t*>(&value), 8));
    writing.sync();
    const Bytes bytes(reinterpret_cast<const std::uint8_t*>(&value), 8);
    for (const std::uint64_t outside : {std::uint64_t{0}, writing.file_size() - 15,
                                        writing.file_size() + 1, UINT64_MAX - 3}) {
      CHECK(error_of([&] { overwrite(writing, outside, bytes); }).kind ==
            ErrorKind::stale);
      const double two[] = {42, 42};
      const auto step = static_cast<std::int64_t>(outside - loaded.place.data);
      const Run apart{loaded.place.data, 8, 2, step};
      const auto* from = reinterpret_cast<const std::uint8_t*>(two);
      CHECK(error_of([&] {
              writing.overwrite({&apart, 1, from});
            }).kind == ErrorKind::stale);
    }
  }
  const std::string after = contents(scratch.path());
  CHECK(after.size() == before.size());
  int different = 0;
  for (std::size_t i = 0; i < after.size(); ++i) different += after[i] != before[i];
  CHECK(different > 0);
  CHECK(different <= 8);
  const double expected[] = {1, 42, 3};
  CHECK(values_of(*store)["x"] ==
        "A<f8(3)" +
            pickle::hex_of(Bytes(reinterpret_cast<const std::uint8_t*>(expected), 24)));
}

TEST_CASE("inserts cost the same however many keys there are" * doctest::timeout(120)) {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const char* asked = std::getenv("MMAPPICKLE_INSERTS");
  const int n = asked != nullptr ? std::atoi(asked) : 20000;
  using Clock = std::chrono::steady_clock;
  double first = 0, last = 0;
  auto start = Clock::now();
  for (int i = 0; i < n; ++i) {
    if (i == n - 1000) start = Clock::now();
    put(*store, "key" + std::to_string(i), i);
    if (i == 999) first = std::chrono::duration<double>(Clock::now() - start).count();
  }
  last = std::chrono::duration<double>(Clock::now() - start).count();
  const auto other = Store::open(scratch.path(), readonly_options());
  put(*store, "one more", 1);
  start = Clock::now();
  const std::size_t count = Reading(*other).index().count();
  const double walk = std::chrono::duration<double>(Clock::now() - start).count();
  CHECK(count == static_cast<std::size_t>(n) + 1);
  MESSAGE(n << " inserts: first 1000 " << first << " s, last 1000 " << last << " s; walk "
            << walk / n * 1e9 << " ns an entry");
}

}  // namespace
}  // namespace mmappickle::store
