#include <doctest/doctest.h>

#include "../../src/core/store/vacuum.h"

#ifndef _WIN32
#include <fcntl.h>
#endif

#include <filesystem>

#include "../../src/core/os/map.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

bool aligned(const Store& store, const std::string& key) {
  const Reading reading(const_cast<Store&>(store));
  const Loaded loaded = reading.load(reading.require(key));
  REQUIRE(loaded.is_array);
  return (loaded.array.data - loaded.mapping->data()) % 64 == 0;
}

TEST_CASE("vacuum leaves the live entries, in order, aligned, and nothing else") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  for (int i = 0; i < 40; ++i) {
    const std::string k = std::to_string(i);
    put(*store, "n" + k, i);
    put(*store, "t" + k, text_recipe(std::string(static_cast<std::size_t>(i), 'x')));
    put(*store, "a" + k,
        doubles_recipe(std::vector<double>(static_cast<std::size_t>(i), i)));
    put(*store, "m" + k,
        array_recipe("int32", {3}, bytes_source(std::string(12, 'i')),
                     bytes_source(raw("\0\x01\0"))));
    put(*store, "d" + k, nested_recipe({1.0 * i, 2}));
  }
  for (int i = 0; i < 40; i += 3) {
    erase(*store, "n" + std::to_string(i));
    erase(*store, "a" + std::to_string(i));
    put(*store, "d" + std::to_string(i), nested_recipe({1, 2, 3}));
  }
  const Values before = values_of(*store);
  const std::vector<std::string> keys = keys_of(*store);
  const std::uint64_t size = contents(scratch.path()).size();
  const std::int32_t number = Reading(*store).commit_number();
  std::vector<double> progress;
  vacuum(*store, false, [&](double p) { progress.push_back(p); });
  CHECK(values_of(*store) == before);
  CHECK(keys_of(*store) == keys);
  CHECK(Reading(*store).dead_bytes() == 0);
  CHECK(Reading(*store).commit_number() == number + 1);
  CHECK(contents(scratch.path()).size() < size);
  CHECK(Reading(*Store::open(scratch.path(), readonly_options())).dead_bytes() == 0);
  for (const std::string& key : keys) {
    if (key[0] == 'a' && key != "a0") CHECK(aligned(*store, key));
    if (key[0] == 'm') CHECK(aligned(*store, key));
  }
  // The nested array of each dict, by the place of its bytes.
  const std::string file = contents(scratch.path());
  const double pattern[] = {7, 2};
  const std::size_t nested =
      file.find(std::string(reinterpret_cast<const char*>(pattern), sizeof pattern));
  CHECK(nested % 64 == 0);
  // Again: nothing is left to win.
  vacuum(*store, false, {});
  CHECK(contents(scratch.path()).size() == file.size());
  put(*store, "after", 1);
  CHECK(values_of(scratch.path()).size() == before.size() + 1);
}

TEST_CASE("holes stay holes, progress is told, an interrupt leaves the old file") {
  const Scratch scratch;
  Options options;
  bool interrupt = false;
  options.poll = [&] {
    if (interrupt) throw Interrupted{};
  };
  const auto store = Store::open(scratch.path(), options);
  const std::uint64_t size = std::uint64_t{1} << 32;
  put(*store, "old", text_recipe(std::string(1000, 'x')));
  put(*store, "stub", array_recipe("float64", {size / 8}, hole_source(size)));
  put(*store, "data",
      array_recipe("uint8", {20 << 20}, bytes_source(std::string(20 << 20, 'd'))));
  {
    Writing writing(*store);
    const Loaded loaded = writing.load(writing.require("stub"));
    const std::string text = "in the middle";
    writing.overwrite(loaded.array.data + size / 2, Bytes(text));
  }
  erase(*store, "old");
  interrupt = true;
  const std::string path = scratch.path();
  const std::uint64_t before = std::filesystem::file_size(path);
  CHECK_THROWS_AS(vacuum(*store, false, {}), Interrupted);
  interrupt = false;
  CHECK(std::filesystem::file_size(path) == before);
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.folder()),
                      std::filesystem::directory_iterator()) == 1);
  std::vector<double> progress;
  vacuum(*store, false, [&](double p) { progress.push_back(p); });
  CHECK(progress.size() > 2);
  for (std::size_t i = 0; i < progress.size(); ++i) {
    CHECK(progress[i] >= (i > 0 ? progress[i - 1] : 0));
    CHECK(progress[i] <= 1);
  }
  CHECK(std::filesystem::file_size(path) < before);
  const Reading reading(*store);
  CHECK(reading.status().allocated < 30 << 20);
  const Loaded loaded = reading.load(reading.require("stub"));
  CHECK(std::memcmp(loaded.array.data + size / 2, "in the middle", 13) == 0);
  CHECK(loaded.array.data[size / 2 - 1] == 0);
}

TEST_CASE("old views live on; other handles open the new file") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path(), Options{});
  put(*store, "gone", text_recipe(std::string(100000, 'x')));
  put(*store, "x", doubles_recipe({1, 2, 3}));
  const Loaded view = [&] {
    const Reading reading(*other);
    return reading.load(reading.require("x"));
  }();
  erase(*store, "gone");
  vacuum(*store, false, {});
  put(*store, "y", 5);
  CHECK(values_of(*other).size() == 2);
  put(*other, "z", 6);
  CHECK(values_of(*store).size() == 3);
  const double expected[] = {1, 2, 3};
  CHECK(std::memcmp(view.array.data, expected, sizeof expected) == 0);
  CHECK_FALSE(view.mapping->damaged());
}

TEST_CASE("arrays of the old form and strange entries are copied as they are") {
  const Scratch scratch;
  const std::string strange = entry_bytes("s", "\x01\x02\x03");
  const std::string path = scratch.file(header_bytes() + entry_bytes("dead", "N", false) +
                                        strange + terminator_bytes());
  const auto store = Store::open(path, Options{});
  vacuum(*store, false, {});
  CHECK(contents(path).substr(24) == strange + terminator_bytes());
  CHECK(error_of([&] {
          const Reading reading(*store);
          reading.load(reading.require("s"));
        }).key == "s");
}

#ifndef _WIN32

TEST_CASE("links, hard and symbolic; mode kept") {
  namespace fs = std::filesystem;
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  put(*store, "a", 1);
  erase(*store, "a");
  fs::create_hard_link(scratch.path("m"), scratch.path("hard"));
  const Error error = error_of([&] { vacuum(*store, false, {}); });
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.message.find("2 hard links") != std::string::npos);
  fs::remove(scratch.path("hard"));
  fs::permissions(scratch.path("m"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("m", scratch.path("link"));
  const auto linked = Store::open(scratch.path("link"), Options{});
  vacuum(*linked, false, {});
  CHECK(fs::is_symlink(scratch.path("link")));
  CHECK(fs::file_size(scratch.path("m")) == empty_file().size());
  CHECK(fs::status(scratch.path("m")).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(values_of(*store).empty());
}

TEST_CASE("other processes that have the file open") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "a", 1);
  put(*store, "a", 2);
  test::Child child([&](test::Child& self) {
    const auto other = Store::open(scratch.path(), Options{});
    self.ready();
    self.wait_for_release();
    const bool fresh = values_of(*other) == Values{{"a", "i2"}};
    put(*other, "child", 3);
    return fresh ? 0 : 1;
  });
  child.wait_until_ready();
#ifdef __linux__
  const Error error = error_of([&] { vacuum(*store, false, {}); });
  CHECK(error.kind == ErrorKind::busy);
  CHECK(error.message.find(std::to_string(child.id())) != std::string::npos);
#endif
  const int old = ::open(scratch.path().c_str(), O_RDONLY | O_CLOEXEC);
  const std::string before = contents(scratch.path());
  vacuum(*store, true, {});
  // What is left of the old file: number raised, zeros behind the terminator.
  std::string spoilt(before.size() + 100, 'x');
  const ::ssize_t n = ::pread(old, &spoilt[0], spoilt.size(), 0);
  REQUIRE(n == static_cast<::ssize_t>(before.size() + kTerminatorSize));
  CHECK(spoilt.substr(24, before.size() - 24) == before.substr(24));
  CHECK(spoilt.substr(before.size(), 11) == std::string(11, '\0'));
  CHECK(commit_number(Bytes(spoilt)) == commit_number(Bytes(before)) + 1);
  ::close(old);
  child.release();
  CHECK(child.exit_code() == 0);
  CHECK(values_of(*store) == Values{{"a", "i2"}, {"child", "i3"}});
}

#endif

}  // namespace
}  // namespace mmappickle::store
