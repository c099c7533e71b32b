// Opening, creating, sessions, listing.
#include "../../src/core/store/store.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "../../src/core/os/map.h"
#include "abilities.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

using Keys = std::vector<std::string>;

Keys names_in(const Scratch& scratch) {
  Keys names;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.folder())) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

TEST_CASE("a new file is an empty mmapdict, made in one step") {
  const Scratch scratch;
  os::FaultySystemCalls system;
  const auto store = Store::open(scratch.path("m"), Options{}, system);
  CHECK(contents(scratch.path("m")) == empty_file());
  CHECK(keys_of(*store).empty());
  CHECK(store->path() == scratch.path("m"));
  CHECK(store->is_open());
  CHECK(system.log.front().name == "create");
  CHECK(system.log.back().name == "rename");
  CHECK(system.log.back().to == scratch.path("m"));
  CHECK(names_in(scratch) == Keys{"m"});
}

TEST_CASE("no session begins within another one of the same Store") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "a", 1);
  {
    const Reading reading(*store);
    CHECK(error_of([&] { Reading{*store}; }).kind == ErrorKind::busy);
    CHECK(error_of([&] { put(*store, "b", 2); }).kind == ErrorKind::busy);
    CHECK(error_of([&] { store->close(); }).kind == ErrorKind::busy);
    CHECK(keys_of(*Store::open(scratch.path(), Options{})) == Keys{"a"});
  }
  put(*store, "b", 2);
  CHECK(keys_of(*store) == Keys{"a", "b"});
}

TEST_CASE("a session that fails to begin leaves the Store to the next one") {
  const Scratch scratch;
  Options options;
  options.lock_timeout = 0;
  const auto store = Store::open(scratch.path(), options);
  const auto other = Store::open(scratch.path(), options);
  {
    const Writing writing(*other);
    CHECK(error_of([&] { put(*store, "a", 1); }).kind == ErrorKind::busy);
  }
  put(*store, "a", 1);
  CHECK(keys_of(*other) == Keys{"a"});
}

TEST_CASE("an empty file stays empty where filling it fails") {
  for (const bool partial : {false, true}) {
    const Scratch scratch;
    const std::string path = scratch.file("");
    os::FaultySystemCalls system;
    system.fail_at = 1;
    system.error = "ENOSPC";
    system.partial = partial;
    CHECK(error_of([&] { Store::open(path, Options{}, system); }).cause == "ENOSPC");
    CHECK(contents(path).empty());
    CHECK_NOTHROW(Store::open(path, Options{}));
  }
}

TEST_CASE("an empty file is filled by those who may create, and by nobody else") {
  const Scratch scratch;
  const std::string path = scratch.file("");
  CHECK(error_of([&] { Store::open(path, readonly_options()); }).kind ==
        ErrorKind::format);
  Options options;
  options.create = false;
  CHECK(error_of([&] { Store::open(path, options); }).kind == ErrorKind::format);
  CHECK(contents(path).empty());
  Store::open(path, Options{});
  CHECK(contents(path) == empty_file());
}

TEST_CASE("opening says what is wrong, with the path") {
  const Scratch scratch;
  const auto open_error = [&](const std::string& path, const Options& options) {
    const Error error = error_of([&] { Store::open(path, options); });
    CHECK(error.path == path);
    return error;
  };
  Options options;
  options.create = false;
  CHECK(open_error(scratch.path("absent"), options).cause == "ENOENT");
  CHECK(open_error(scratch.path("absent"), readonly_options()).cause == "ENOENT");
  CHECK(open_error(scratch.path("no/folder"), Options{}).cause == "ENOENT");
  CHECK(open_error(scratch.folder(), Options{}).cause == "EISDIR");
  CHECK(open_error("", Options{}).kind == ErrorKind::io);
  scratch.file("some text", "text");
  CHECK(open_error(scratch.path("text"), Options{}).kind == ErrorKind::format);
  CHECK(contents(scratch.path("text")) == "some text");
  const std::string entry = entry_bytes("a", "N");
  scratch.file(header_bytes() + entry, "cut");
  const Error cut = open_error(scratch.path("cut"), Options{});
  CHECK(cut.kind == ErrorKind::format);
  CHECK(cut.offset == 24 + entry.size());
  CHECK(cut.hint.find("fsck(path, repair = TRUE)") != std::string::npos);
}

TEST_CASE("opening does not write") {
  const Scratch scratch;
  const std::string file = header_bytes() + entry_bytes("a", "N") +
                           entry_bytes("a", "K\x01") + terminator_bytes() + "junk";
  const std::string path = scratch.file(file);
  os::FaultySystemCalls system;
  const auto store = Store::open(path, Options{}, system);
  CHECK(values_of(*store) == Values{{"a", "i1"}});
  CHECK(system.log.empty());
  CHECK(contents(path) == file);
}

TEST_CASE("keys stand in file order; a replaced one goes to the end") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  for (const std::string& key : {std::string("b"), std::string("a"), std::string("c")}) {
    put(*store, key, 1);
  }
  CHECK(keys_of(*store) == Keys{"b", "a", "c"});
  put(*store, "a", 2);
  CHECK(keys_of(*store) == Keys{"b", "c", "a"});
  erase(*store, "b");
  CHECK(keys_of(*store) == Keys{"c", "a"});
  CHECK(keys_of(*Store::open(scratch.path(), readonly_options())) == Keys{"c", "a"});
}

TEST_CASE("a closed handle stays closed") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  store->close();
  store->close();
  CHECK_FALSE(store->is_open());
  CHECK(error_of([&] { Reading reading(*store); }).kind == ErrorKind::closed);
  CHECK(error_of([&] { Writing writing(*store); }).kind == ErrorKind::closed);
  CHECK(error_of([&] { store->flush(); }).kind == ErrorKind::closed);
}

TEST_CASE("a read-only handle does not write") {
  const Scratch scratch;
  put(*Store::open(scratch.path(), Options{}), "a", 1);
  const auto store = Store::open(scratch.path(), readonly_options());
  const Error error = error_of([&] { Writing writing(*store); });
  CHECK(error.kind == ErrorKind::readonly);
  CHECK(error.path == scratch.path());
}

TEST_CASE("a missing key is an error with the nearest keys") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "alpha", 1);
  const Error error = error_of([&] { Reading(*store).require("alpa"); });
  CHECK(error.kind == ErrorKind::key);
  CHECK(error.key == "alpa");
  CHECK(error.path == scratch.path());
  CHECK(error.hint == "Did you mean \"alpha\"?");
  CHECK(error_of([&] { erase(*store, "alpa"); }).kind == ErrorKind::key);
}

TEST_CASE("keys that cannot be") {
  CHECK_NOTHROW(check_key(""));
  CHECK_NOTHROW(check_key(std::string(255, 'k')));
  CHECK_NOTHROW(check_key("cl\xc3\xa9"));
  CHECK(error_of([] { check_key(std::string(256, 'k')); }).message.find("256 bytes") !=
        std::string::npos);
  for (const std::string& bad : {std::string("\xff"), std::string("\xed\xa0\x80")}) {
    CHECK(error_of([&] { check_key(bad); }).kind == ErrorKind::key);
  }
}

TEST_CASE(
    "two handles of one file see each other's changes, without a walk for their own") {
  const Scratch scratch;
  const auto a = Store::open(scratch.path(), Options{});
  const auto b = Store::open(scratch.path(), Options{});
  put(*a, "x", 1);
  CHECK(values_of(*b) == Values{{"x", "i1"}});
  put(*b, "x", 2);
  put(*b, "y", 3);
  CHECK(values_of(*a) == Values{{"x", "i2"}, {"y", "i3"}});
  erase(*a, "x");
  CHECK(values_of(*b) == Values{{"y", "i3"}});
}

TEST_CASE("an index with the right fingerprint, but the wrong content, is found out") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "x", 1);
  put(*store, "y", 2);
  const std::string before = contents(scratch.path());
  erase(*store, "x");
  const std::string after = contents(scratch.path());
  // As if another process had written within one tick of the clock.
  struct Fixed : os::SystemCalls {};
  const auto time = std::filesystem::last_write_time(scratch.path());
  std::string changed = before;
  changed.replace(kNumberOffset, 4, after.substr(kNumberOffset, 4));
  const std::size_t x = changed.find("\x8c\x01x"), y = changed.find("\x8c\x01y");
  REQUIRE(x != std::string::npos);
  std::swap(changed[x + 2], changed[y + 2]);
  {
    std::fstream file(scratch.path(), std::ios::in | std::ios::out | std::ios::binary);
    file << changed;
  }
  std::filesystem::last_write_time(scratch.path(), time);
  const Reading reading(*store);
  CHECK(value_text(reading.load(reading.require("y"))) == "i1");
  CHECK(value_text(reading.load(reading.require("x"))) == "i2");
}

TEST_CASE("a file that was replaced under its path is opened anew" *
          doctest::skip(!test::kChangesMappedFiles)) {
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  put(*store, "old", 1);
  const auto other = Store::open(scratch.path("other"), Options{});
  put(*other, "new", 2);
  std::filesystem::rename(scratch.path("other"), scratch.path("m"));
  CHECK(values_of(*store) == Values{{"new", "i2"}});
  put(*store, "more", 3);
  CHECK(values_of(scratch.path("m")) == Values{{"new", "i2"}, {"more", "i3"}});
}

TEST_CASE("a file that lost its path can be read, not written") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  put(*store, "k", 1);
  std::filesystem::rename(scratch.path("m"), scratch.path("moved"));
  CHECK(values_of(*store) == Values{{"k", "i1"}});
  CHECK(error_of([&] { Writing writing(*store); }).kind == ErrorKind::stale);
  CHECK_FALSE(std::filesystem::exists(scratch.path("m")));
}

TEST_CASE("a file that was cut is an error, not an end" *
          doctest::skip(!test::kChangesMappedFiles)) {
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  for (int i = 0; i < 1000; ++i) put(*store, "key" + std::to_string(i), i);
  const std::string whole = contents(scratch.path("m"));
  for (const std::uintmax_t size : {0, 10, 24, 35, 4096, 10000}) {
    std::filesystem::resize_file(scratch.path("m"), size);
    CHECK(error_of([&] { Reading reading(*store); }).kind == ErrorKind::format);
    CHECK(error_of([&] { Writing writing(*store); }).kind == ErrorKind::format);
  }
  scratch.file(whole, "m");
  CHECK(keys_of(*store).size() == 1000);
}

TEST_CASE("every cut of a small file is an error of kind format") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  put(*store, "n", 5);
  put(*store, "t", text_value("some text"));
  const std::string whole = contents(scratch.path("m"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string path = scratch.file(whole.substr(0, size), "cut");
    CHECK(error_of([&] { Store::open(path, readonly_options()); }).kind ==
          ErrorKind::format);
  }
}

TEST_CASE("entries are listed by their places; dead ones tile the file with them") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "a", 1);
  put(*store, "b", 2);
  put(*store, "a", 3);
  const Reading reading(*store);
  const auto live = list_entries(reading, false);
  REQUIRE(live.size() == 2);
  CHECK(live[0].key == "b");
  CHECK(live[1].key == "a");
  const auto all = list_entries(reading, true);
  REQUIRE(all.size() == 3);
  CHECK_FALSE(all[0].live);
  std::uint64_t at = kHeaderSize;
  for (const Listing& listing : all) {
    CHECK(listing.at == at);
    at += listing.bytes;
  }
  CHECK(at + kTerminatorSize == reading.file_size());
  CHECK(reading.dead_bytes() == all[0].bytes);
}

#ifndef _WIN32

TEST_CASE("a handle that came through a fork opens the file anew") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "parent", 1);
  test::Child child([&](test::Child&) {
    put(*store, "child", 2);
    return values_of(*store) == Values{{"parent", "i1"}, {"child", "i2"}} ? 0 : 1;
  });
  CHECK(child.exit_code() == 0);
  put(*store, "again", 3);
  CHECK(values_of(*store) == Values{{"parent", "i1"}, {"child", "i2"}, {"again", "i3"}});
}

TEST_CASE("parent and child exclude each other, through handles that were forked") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  constexpr int kTimes = 300;
  test::Child child([&](test::Child&) {
    for (int i = 0; i < kTimes; ++i) put(*store, "c" + std::to_string(i), i);
    return 0;
  });
  for (int i = 0; i < kTimes; ++i) put(*store, "p" + std::to_string(i), i);
  CHECK(child.exit_code() == 0);
  const Values values = values_of(scratch.path());
  CHECK(values.size() == 2 * kTimes);
}

TEST_CASE("a lock that does not come in time") {
  const Scratch scratch;
  Options options;
  options.lock_timeout = 0.05;
  const auto store = Store::open(scratch.path(), options);
  test::Child child([&](test::Child& self) {
    const auto other = Store::open(scratch.path(), Options{});
    const Writing writing(*other);
    self.ready();
    self.wait_for_release();
    return 0;
  });
  child.wait_until_ready();
  const Error error = error_of([&] { Reading reading(*store); });
  CHECK(error.kind == ErrorKind::busy);
  CHECK(error.path == scratch.path());
  child.release();
  CHECK(child.exit_code() == 0);
  CHECK_NOTHROW(keys_of(*store));
}

TEST_CASE("many processes create one file at the same time") {
  const Scratch scratch;
  for (int round = 0; round < 20; ++round) {
    const std::string path = scratch.path("m" + std::to_string(round));
    const auto body = [&](int id) {
      return [&, id](test::Child& self) {
        self.ready();
        self.wait_for_release();
        put(*Store::open(path, Options{}), "k" + std::to_string(id), id);
        return 0;
      };
    };
    test::Child a(body(1)), b(body(2)), c(body(3));
    for (test::Child* child : {&a, &b, &c}) child->wait_until_ready();
    for (test::Child* child : {&a, &b, &c}) child->release();
    for (test::Child* child : {&a, &b, &c}) CHECK(child->exit_code() == 0);
    CHECK(values_of(path) == Values{{"k1", "i1"}, {"k2", "i2"}, {"k3", "i3"}});
  }
  CHECK(names_in(scratch).size() == 20);
}

#endif

}  // namespace
}  // namespace mmappickle::store
