// Entries copied, renamed, deleted, given other R metadata: file to file.
#include <doctest/doctest.h>

#include "../../src/core/store/copy.h"
#include "../../src/core/store/fsck.h"
#include "abilities.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

void copy_within(Store& store, const Writing::Names& names, bool overwrite = false,
                 bool move = false) {
  Writing writing(store);
  writing.copy(writing, names, overwrite, move);
}

bool is_whole(const std::string& path) {
  return fsck(path, false, Options{}).findings.empty();
}

numpy::StoredValue with_metadata(numpy::StoredValue stored_value,
                                 const std::string& text) {
  stored_value.metadata = stored_value.tree.container(
      pickle::Tag::dict, {stored_value.tree.text("type"),
                          stored_value.tree.text(stored_value.tree.keep(text))});
  return stored_value;
}

std::string metadata_of(Store& store, const std::string& key) {
  const Reading reading(store);
  const Loaded loaded = reading.look(reading.require(key));
  if (loaded.metadata == pickle::kNoId) return "none";
  return pickle::Dump(loaded.tree)(loaded.metadata);
}

// A file with a value of each kind, with keys of some lengths.
void fill(Store& store) {
  put(store, "n", 1);
  put(store, "a", doubles_value({1, 2, 3}));
  put(store, "matrix",
      array_value("int32", {2, 3}, bytes_source(std::string(24, '\1')), nullptr, true));
  put(store, "masked",
      array_value("int32", {2}, bytes_source(std::string(8, '\2')),
                  bytes_source(raw("\0\1"))));
  put(store, "nested", nested_value({3, 4}));
  put(store, "meta", with_metadata(doubles_value({5}), "units"));
  put(store, "value meta", with_metadata(text_value("text"), "factor"));
  put(store, "large", text_value(std::string(100000, 'x')));
}

TEST_CASE("a copy is the value, with keys of all lengths") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  fill(*store);
  const Values before = values_of(*store);
  for (const std::size_t length : {0, 1, 2, 17, 63, 64, 65, 254, 255}) {
    CAPTURE(length);
    for (const auto& [key, value] : before) {
      const std::string& name = key;
      CAPTURE(name);
      const std::string to(length, 'k');
      copy_within(*store, {{key, to}}, true);
      CHECK(values_of(scratch.path())[to] == value);
      CHECK(metadata_of(*store, to) == metadata_of(*store, key));
      const Reading reading(*store);
      const Loaded loaded = reading.look(reading.require(to));
      CHECK((!loaded.is_array || (loaded.portable && loaded.place.data % 64 == 0)));
    }
  }
  CHECK(is_whole(scratch.path()));
}

TEST_CASE("keys rotate, and all is there at any time") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  fill(*store);
  Values model = values_of(*store);
  copy_within(*store, {{"n", "a"}, {"a", "nested"}, {"nested", "n"}}, false, true);
  const Values before = model;
  model["a"] = before.at("n");
  model["nested"] = before.at("a");
  model["n"] = before.at("nested");
  CHECK(values_of(*store) == model);
  CHECK(values_of(scratch.path()) == model);
  copy_within(*store, {{"n", "x"}, {"a", "n"}}, false, true);
  model["x"] = model["n"];
  model["n"] = model["a"];
  model.erase("a");
  CHECK(values_of(*store) == model);
  CHECK(values_of(scratch.path()) == model);
  copy_within(*store, {{"n", "n"}}, false, true);
  CHECK(values_of(scratch.path()) == model);
  CHECK(is_whole(scratch.path()));
}

TEST_CASE("what cannot be copied is refused before anything is done") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  fill(*store);
  const std::string before = contents(scratch.path());
  const std::vector<Writing::Names> wrong = {
      {{"a", "x"}, {"absent", "y"}},  {{"a", "x"}, {"n", "x"}}, {{"a", "n"}},
      {{"a", std::string(256, 'k')}}, {{"a", "\xff"}},
  };
  for (const Writing::Names& names : wrong) {
    const Error error = error_of([&] { copy_within(*store, names); });
    CHECK(error.kind == ErrorKind::key);
  }
  CHECK(error_of([&] {
          copy_within(*store, {{"a", "x"}, {"a", "y"}}, false, true);
        }).kind == ErrorKind::key);
  CHECK(error_of([&] {
          Writing(*store).erase(std::vector<std::string>{"a", "absent"});
        }).kind == ErrorKind::key);
  CHECK(contents(scratch.path()) == before);
  Writing(*store).erase(std::vector<std::string>{"a", "n"});
  CHECK(values_of(scratch.path()).size() == 6);
}

TEST_CASE("holes stay holes") {
  const Scratch scratch;
  if (!test::makes_holes()) return;
  const auto store = Store::open(scratch.path(), Options{});
  const std::uint64_t size = std::uint64_t{64} << 20;
  put(*store, "stub", array_value("float64", {size / 8}, hole_source(size)));
  copy_within(*store, {{"stub", "copy"}}, false, true);
  CHECK(Writing(*store).put_metadata(
      "copy", with_metadata(array_value("float64", {size / 8}, hole_source(size)), "K")));
  const os::Status status = Reading(*store).status();
  CHECK(status.size > 3 * size);
  CHECK(status.allocated < size / 16);
}

TEST_CASE("R metadata change in place where there is room for them") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "a", doubles_value({1, 2, 3}));
  put(*store, "end", 1);
  const std::string value = values_of(*store)["a"];
  const auto change = [&](const std::string& text) {
    system.calls = 0;
    CHECK(
        Writing(*store).put_metadata("a", with_metadata(doubles_value({1, 2, 3}), text)));
    CHECK(metadata_of(*store, "a").find(pickle::hex_of(Bytes(text))) !=
          std::string::npos);
    CHECK(values_of(scratch.path())["a"] == value);
    return system.calls;
  };
  CHECK(change("K") > 2);  // a copy
  for (const std::size_t length : {1, 5, 80, 3, 0, 100, 2}) {
    CAPTURE(length);
    const std::string before = contents(scratch.path());
    CHECK(change(std::string(length, 'u')) == 2);
    CHECK(contents(scratch.path()).size() == before.size());
  }
  // None at all.
  CHECK(Writing(*store).put_metadata("a", doubles_value({1, 2, 3})));
  CHECK(metadata_of(*store, "a") == "{}");
  CHECK(change("again") == 2);
  CHECK(change(std::string(1000, 'u')) > 2);
  CHECK(is_whole(scratch.path()));
}

TEST_CASE("R metadata are given to the very array alone") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  fill(*store);
  const std::string before = contents(scratch.path());
  const auto refuses = [&](const char* key, const numpy::StoredValue& value) {
    CHECK_FALSE(Writing(*store).put_metadata(key, value));
  };
  refuses("a", doubles_value({1, 2}));
  refuses("a", array_value("float64", {3, 1}, hole_source(24)));
  refuses("a", array_value("int64", {3}, hole_source(24)));
  refuses("a", array_value("float64", {3}, hole_source(24), hole_source(3)));
  refuses("matrix", array_value("int32", {2, 3}, hole_source(24)));
  refuses("n", integer_value(1));
  refuses("nested", nested_value({3, 4}));
  CHECK(contents(scratch.path()) == before);
}

TEST_CASE("whatever the metadata's place: a page's end in it, or none") {
  for (std::size_t shift = 0; shift < 4096; shift += 61) {
    const Scratch scratch;
    const auto store = Store::open(scratch.path(), Options{});
    put(*store, "f", text_value(std::string(shift, 'f')));
    put(*store, "a", doubles_value({1, 2, 3}));
    for (const std::size_t length : {3, 90, 10, 400, 20}) {
      const std::string text(length, 'u');
      CHECK(Writing(*store).put_metadata("a",
                                         with_metadata(doubles_value({1, 2, 3}), text)));
      CHECK(metadata_of(*store, "a").find(pickle::hex_of(Bytes(text))) !=
            std::string::npos);
    }
    CHECK(is_whole(scratch.path()));
  }
}

TEST_CASE("from another file, and an array of the old form") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path("other"), Options{});
  fill(*other);
  put(*store, "n", 7);
  {
    Writing writing(*store);
    const Reading reading(*other);
    writing.copy(reading, {{"n", "m"}, {"a", "n"}, {"large", "l"}}, true);
  }
  const Values values = values_of(scratch.path());
  CHECK(values == Values{{"n", values_of(*other)["a"]},
                         {"m", "i1"},
                         {"l", values_of(*other)["large"]}});
}

}  // namespace
}  // namespace mmappickle::store
