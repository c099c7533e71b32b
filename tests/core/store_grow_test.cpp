// Arrays that grow: their form at every place in a page, appended to, copied, moved,
// damaged.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "../../src/core/store/fsck.h"
#include "../../src/core/store/reclaim.h"
#include "../../src/core/store/vacuum.h"
#include "abilities.h"
#include "store_history_testing.h"

namespace mmappickle::store {
namespace {

Loaded load(Store& store, const std::string& key) {
  const Reading reading(store);
  return reading.load(reading.require(key));
}

std::string text_of(Store& store, const std::string& key) {
  const Reading reading(store);
  return value_of(reading, key);
}

std::string rows_text(char item, std::uint64_t rows) {
  return pickle::hex_of(Bytes(std::string(rows * 8, item)));
}

TEST_CASE("rows are appended in the room, and in a copy when it is used up") {
  for (const bool masked : {false, true}) {
    CAPTURE(masked);
    const Scratch scratch;
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "g", growing_value(8, 2, 'a', masked, 3));
    std::string data = rows_text('a', 2), mask = "11";
    std::uint64_t rows = 2, moves = 0, at = load(*store, "g").growth.data_at;
    while (rows < 5000) {
      const std::uint64_t more = 1 + rows / 7;
      append(*store, "g", more, 'b');
      rows += more;
      data += rows_text('b', more);
      mask += std::string(more, '0');
      const Loaded loaded = load(*store, "g");
      CHECK(loaded.growth.grows);
      CHECK(loaded.growth.length == rows);
      CHECK((loaded.growth.head_length_at != 0) == !masked);
      CHECK(loaded.growth.data_at % 64 == 0);
      moves += loaded.growth.data_at != at;
      at = loaded.growth.data_at;
      const std::string wanted = "A|S8(" + std::to_string(rows) + ")" + data;
      CHECK(text_of(*store, "g") == (masked ? wanted + "|" + mask : wanted));
      const Reading reading(*store);
      CHECK(reading.dead_bytes() <= 2 * reading.file_size());
    }
    CHECK(moves > 2);
    CHECK(moves < 20);
    CHECK(values_of(scratch.path()) == values_of(*store));
    CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
  }
}

// The 4 bytes of a length are never torn.
TEST_CASE("no length crosses a page, wherever the entry stands") {
  for (const bool masked : {false, true}) {
    const Scratch scratch;
    for (std::uint64_t n = 0; n < 300; ++n) {
      const std::uint64_t rows = 430 + n * 4 % 100;
      std::filesystem::remove(scratch.path());
      const auto store = Store::open(scratch.path(), Options{});
      put(*store, "filling", text_value(std::string(n, 'x')));
      put(*store, std::string(n % 40, 'k'), growing_value(8, rows, 'a', masked, n % 9));
      const Loaded loaded = load(*store, std::string(n % 40, 'k'));
      REQUIRE(loaded.growth.grows);
      CHECK(loaded.growth.is_atomic());
      CHECK(loaded.growth.capacity >= 8 * (rows + n % 9));
      CHECK(loaded.growth.capacity <= 8 * (rows + n % 9) + 4);
    }
  }
}

TEST_CASE("an entry whose length came to lie across pages is copied before it grows") {
  const Scratch scratch;
  std::string file;
  std::vector<std::uint64_t> lengths;  // from the entry's beginning
  {
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "g", growing_value(8, 2, 'a', false, 3));
    const Reading reading(*store);
    const Frame frame = reading.index()[reading.require("g")].frame();
    const numpy::Growth growth = reading.load(reading.require("g")).growth;
    lengths = {growth.length_at - frame.at, growth.head_length_at - frame.at};
    file = contents(scratch.path()).substr(frame.at, frame.length);
  }
  // As the Python library's vacuum moves entries: without padding, to any place.
  int crossing = 0;
  for (std::uint64_t shift = 0; shift < 4096; ++shift) {
    const std::uint64_t at = kHeaderSize + entry_bytes("f", "").size() + 5 + shift;
    if (std::all_of(lengths.begin(), lengths.end(),
                    [&](std::uint64_t n) { return (at + n) % kPage <= kPage - 4; })) {
      continue;
    }
    ++crossing;
    const std::string before =
        entry_bytes("f", "B" + pickle::le(shift, 4) + std::string(shift, '\0'), true);
    const std::string moved = header_bytes() + before + file + terminator_bytes();
    scratch.file(moved);
    const auto store = Store::open(scratch.path(), Options{});
    REQUIRE_FALSE(load(*store, "g").growth.is_atomic());
    append(*store, "g", 1, 'b');
    CHECK(load(*store, "g").growth.is_atomic());
    CHECK(text_of(*store, "g") == "A|S8(3)" + rows_text('a', 2) + rows_text('b', 1));
  }
  CHECK(crossing == 6);
}

TEST_CASE("vacuum, repair and upgrade keep it growing; reclaim empties what was left") {
  for (const bool masked : {false, true}) {
    CAPTURE(masked);
    const Scratch scratch;
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "n", 1);
    put(*store, "g", growing_value(8, 3000, 'a', masked, 10));
    append(*store, "g", 11, 'b');
    const Values values = values_of(*store);
    if (test::makes_holes()) reclaim(*store, true, [](const Range&) { return false; });
    CHECK(values_of(*store) == values);
    CHECK(Reading(*store).dead_bytes() > 24000);
    const std::uint64_t room = load(*store, "g").growth.capacity;
    CHECK(room > 8 * 3011 + 4096);
    vacuum(*store, true, false, {}, true);
    CHECK(load(*store, "g").growth.capacity >= room);
    CHECK(load(*store, "g").growth.capacity <= room + 4);
    CHECK(values_of(*store) == values);
    const std::string kept = contents(scratch.path());
    vacuum(*store, true, false, {}, true);
    CHECK(contents(scratch.path()) == kept);
    vacuum(*store, true, true, {});
    CHECK(load(*store, "g").growth.grows);
    CHECK(load(*store, "g").growth.capacity <= 8 * 3011 + 4);
    CHECK(values_of(*store) == values);
    CHECK(Reading(*store).dead_bytes() == 0);
    const std::string trimmed = contents(scratch.path());
    vacuum(*store, true, false, {});
    CHECK(contents(scratch.path()) == trimmed);
    append(*store, "g", 1, 'c');
    CHECK(load(*store, "g").growth.length == 3012);
    const Values more = values_of(*store);
    if (!test::kChangesMappedFiles) continue;
    scratch.file(contents(scratch.path()) + "half an entry");
    CHECK(fsck(scratch.path(), true, Options{}).repaired);
    CHECK(values_of(scratch.path()) == more);
    CHECK(load(*Store::open(scratch.path(), Options{}), "g").growth.grows);
    CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
  }
}

TEST_CASE("what an interrupted append leaves: the trailer's length counts") {
  const Scratch scratch;
  {
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "g", growing_value(8, 2, 'a', false, 3));
  }
  std::string file = contents(scratch.path());
  const auto with = [&](std::int32_t head, std::int32_t trailer) {
    const auto store = Store::open(scratch.path(), Options{});
    const numpy::Growth growth = load(*store, "g").growth;
    std::string changed = file;
    changed.replace(growth.head_length_at, 4, pickle::le(static_cast<unsigned>(head), 4));
    changed.replace(growth.length_at, 4, pickle::le(static_cast<unsigned>(trailer), 4));
    scratch.file(changed, "changed");
    return Store::open(scratch.path("changed"), Options{});
  };
  for (const int head : {0, 2, 5}) {
    const auto store = with(head, 4);
    CHECK(load(*store, "g").growth.behind);
    CHECK(load(*store, "g").array.shape == numpy::Shape{4});
    CHECK(fsck(scratch.path("changed"), false, Options{}).findings.size() == 1);
    append(*store, "g", 1, 'c');
    CHECK_FALSE(load(*store, "g").growth.behind);
    CHECK(fsck(scratch.path("changed"), false, Options{}).findings.empty());
  }
  // More than there are bytes for, or less than none: damaged, for all who read it.
  for (const int length : {6, INT32_MAX, -1, INT32_MIN}) {
    CHECK(text_of(*with(2, length), "g") == "error: format");
  }
  CHECK(text_of(*with(-1, 2), "g") == "error: format");
}

TEST_CASE("what only looks like a growing array is a value, or damaged") {
  const Scratch scratch;
  {
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "g", growing_value(8, 2, 'a', true, 3));
  }
  const std::string file = contents(scratch.path());
  const auto store = Store::open(scratch.path(), Options{});
  const numpy::Growth growth = load(*store, "g").growth;
  const auto state_of = [&](const std::string& changed) {
    scratch.file(changed, "changed");
    const auto other = Store::open(scratch.path("changed"), Options{});
    try {
      return load(*other, "g").growth.grows ? "grows" : "value";
    } catch (const Error& error) {
      return name(error.kind);
    }
  };
  CHECK(state_of(file) == std::string("grows"));
  for (const unsigned length : {3u, 5u}) {
    std::string changed = file;
    changed.replace(growth.length_at, 4, pickle::le(length, 4));
    CHECK(state_of(changed) == std::string("grows"));
  }
  for (const unsigned length : {6u, 0x7fffffffu, 0xffffffffu}) {
    std::string changed = file;
    changed.replace(growth.length_at, 4, pickle::le(length, 4));
    CHECK(state_of(changed) != std::string("grows"));
    CHECK_FALSE(fsck(scratch.path("changed"), false, Options{}).findings.empty());
  }
  // Each byte of the entry changed: an answer, and no crash.
  for (std::size_t at = kHeaderSize; at < file.size(); ++at) {
    std::string changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    try {
      state_of(changed);
    } catch (const Error&) {
    }
  }
}

TEST_CASE("arrays of any order and rank become growing ones at their first append") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "f", array_value("u1", {2, 3}, bytes_source("abcdef"), nullptr, true));
  {
    Writing writing(*store);
    Loaded loaded = writing.load(make_room(writing, "f", 1));
    CHECK(loaded.growth.grows);
    CHECK(loaded.array.shape == numpy::Shape{2, 3});
    CHECK(array_bytes(loaded.array) == "acebdf");
    CHECK(loaded.array.c_order());
  }
  put(*store, "scalar", array_value("u1", {}, bytes_source("a")));
  put(*store, "n", 1);
  Writing writing(*store);
  CHECK(error_of([&] { make_room(writing, "scalar", 1); }).kind == ErrorKind::value);
  CHECK(error_of([&] { make_room(writing, "n", 1); }).kind == ErrorKind::value);
  CHECK(error_of([&] { make_room(writing, "f", INT32_MAX); }).kind == ErrorKind::limit);
}

// Whatever form it was stored in, and whatever is done with the array then.
TEST_CASE("a masked array that grows keeps its own fill value") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const auto text = [](std::uint64_t rows, std::uint64_t more, const std::string& fill) {
    return "A|S8(" + std::to_string(rows + more) + ")" + rows_text('a', rows) +
           rows_text('b', more) + "|" + std::string(rows, '1') + std::string(more, '0') +
           "?" + fill;
  };
  numpy::StoredValue value = growing_value(8, 2, 'a', true);
  give_fill(value, 'f');
  const std::string fill = "A|S8()" + rows_text('f', 1);
  put(*store, "grows", value);
  CHECK(load(*store, "grows").growth.grows);
  value.arrays[0].grows = false;
  put(*store, "head", value);
  CHECK(load(*store, "head").is_array);
  value.arrays[0].shape = {1, 2};
  value.arrays[0].fortran = true;
  put(*store, "columns", value);
  value = growing_value(8, 2, 'a', true);
  value.arrays[0].fill = value.tree.text("plain");
  put(*store, "plain", value);
  for (const char* key : {"grows", "head", "plain"}) {
    INFO(std::string(key));
    const std::string own = key == std::string("plain") ? "s706c61696e" : fill;
    append(*store, key, 1, 'b');
    CHECK(digest(text_of(*store, key)) == digest(text(2, 1, own)));
    append(*store, key, 3000, 'b');
    CHECK(digest(text_of(*store, key)) == digest(text(2, 3001, own)));
    {
      Writing writing(*store);
      writing.copy(writing, {{key, "copy"}}, true);
    }
    append(*store, "copy", 1, 'b');
    CHECK(digest(text_of(*store, "copy")) == digest(text(2, 3002, own)));
  }
  {
    Writing writing(*store);
    CHECK(value_text(writing.load(make_room(writing, "columns", 1))) ==
          "A|S8(1,2)" + rows_text('a', 2) + "|11?" + fill);
  }
  const Values values = values_of(*store);
  vacuum(*store, true, true, {});
  CHECK(values_of(*store) == values);
  CHECK(load(*store, "head").growth.grows);
  CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
}

}  // namespace
}  // namespace mmappickle::store
