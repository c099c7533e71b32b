#include <doctest/doctest.h>

#include "../../src/core/store/vacuum.h"

#ifndef _WIN32
#include <fcntl.h>
#endif

#include <filesystem>

#include "../../src/core/numpy/form_bytes.h"
#include "../../src/core/os/map.h"
#include "abilities.h"
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
    put(*store, "t" + k, text_value(std::string(static_cast<std::size_t>(i), 'x')));
    put(*store, "a" + k,
        doubles_value(std::vector<double>(static_cast<std::size_t>(i), i)));
    put(*store, "m" + k,
        array_value("int32", {3}, bytes_source(std::string(12, 'i')),
                    bytes_source(raw("\0\x01\0"))));
    put(*store, "d" + k, nested_value({1.0 * i, 2}));
  }
  for (int i = 0; i < 40; i += 3) {
    erase(*store, "n" + std::to_string(i));
    erase(*store, "a" + std::to_string(i));
    put(*store, "d" + std::to_string(i), nested_value({1, 2, 3}));
  }
  const Values before = values_of(*store);
  const std::vector<std::string> keys = keys_of(*store);
  const std::uint64_t size = contents(scratch.path()).size();
  const std::int32_t number = Reading(*store).commit_number();
  std::vector<double> progress;
  vacuum(*store, false, false, [&](double p) { progress.push_back(p); });
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
  vacuum(*store, false, false, {});
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
  put(*store, "old", text_value(std::string(1000, 'x')));
  put(*store, "stub", array_value("float64", {size / 8}, hole_source(size)));
  put(*store, "data",
      array_value("uint8", {20 << 20}, bytes_source(std::string(20 << 20, 'd'))));
  {
    Writing writing(*store);
    const Loaded loaded = writing.load(writing.require("stub"));
    const std::string text = "in the middle";
    overwrite(writing, loaded.place.data + size / 2, Bytes(text));
  }
  erase(*store, "old");
  interrupt = true;
  const std::string path = scratch.path();
  const std::uint64_t before = std::filesystem::file_size(path);
  CHECK_THROWS_AS(vacuum(*store, false, false, {}), Interrupted);
  interrupt = false;
  CHECK(std::filesystem::file_size(path) == before);
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.folder()),
                      std::filesystem::directory_iterator()) == 1);
  std::vector<double> progress;
  vacuum(*store, false, false, [&](double p) { progress.push_back(p); });
  CHECK(progress.size() > 2);
  for (std::size_t i = 0; i < progress.size(); ++i) {
    CHECK(progress[i] >= (i > 0 ? progress[i - 1] : 0));
    CHECK(progress[i] <= 1);
  }
  CHECK(std::filesystem::file_size(path) < before);
  const Reading reading(*store);
  if (test::makes_holes()) CHECK(reading.status().allocated < 30 << 20);
  const Loaded loaded = reading.load(reading.require("stub"));
  std::uint8_t middle[14];
  reading.file().read_at(loaded.place.data + size / 2 - 1, middle, sizeof middle);
  CHECK(Bytes(middle, sizeof middle).text() == std::string_view("\0in the middle", 14));
}

#ifndef _WIN32  // where the file is busy: os_windows_test.cpp, store_systems_test.cpp
TEST_CASE("old views live on; other handles open the new file") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path(), Options{});
  put(*store, "gone", text_value(std::string(100000, 'x')));
  put(*store, "x", doubles_value({1, 2, 3}));
  const Loaded view = [&] {
    const Reading reading(*other);
    return reading.load(reading.require("x"));
  }();
  erase(*store, "gone");
  vacuum(*store, false, false, {});
  put(*store, "y", 5);
  CHECK(values_of(*other).size() == 2);
  put(*other, "z", 6);
  CHECK(values_of(*store).size() == 3);
  const double expected[] = {1, 2, 3};
  CHECK(std::memcmp(view.array.data, expected, sizeof expected) == 0);
  CHECK_FALSE(view.mapping->damaged());
}
#endif

TEST_CASE("arrays of the old form and strange entries are copied as they are") {
  const Scratch scratch;
  const std::string strange = entry_bytes("s", "\x01\x02\x03");
  const std::string path = scratch.file(header_bytes() + entry_bytes("dead", "N", false) +
                                        strange + terminator_bytes());
  const auto store = Store::open(path, Options{});
  vacuum(*store, false, false, {});
  CHECK(contents(path).substr(24) == strange + terminator_bytes());
  CHECK(error_of([&] {
          const Reading reading(*store);
          reading.load(reading.require("s"));
        }).key == "s");
}

// An array in the Python library's form: its head, data, dtype and shape.
std::string old_array(const std::string& data, const std::string& dtype, int extent) {
  return std::string(numpy::kA) + "\x8e" + pickle::le(data.size(), 8) + data + "\x8c" +
         std::string(1, static_cast<char>(dtype.size())) + dtype + "\x86RK" +
         std::string(1, static_cast<char>(extent)) + "\x85\x86R";
}

TEST_CASE("upgrade: arrays become portable, all else is copied") {
  const Scratch scratch;
  const std::string data(16, 'd');
  const std::string old = old_array(data, "float64", 2);
  const std::string masked =
      std::string(numpy::kMaskedHead) + old + old_array(raw("\0\1"), "bool", 2) + "\x86R";
  const std::string nested = "](" + old + "K\1e";
  const std::string strange = entry_bytes("strange", "\x01\x02");
  const std::string unknown = entry_bytes("unknown", old_array(data, "nonsense", 2));
  const std::string plain = entry_bytes("plain", raw("K\5"));
  const std::string path =
      scratch.file(header_bytes() + entry_bytes("gone", old, false) +
                   entry_bytes("a", old) + strange + entry_bytes("m", masked) + unknown +
                   plain + entry_bytes("n", nested) + terminator_bytes());
  const auto store = Store::open(path, Options{});
  CHECK(count_old_arrays(Reading(*store)) == 3);
  const Values before = values_of(*store);
  CHECK(vacuum(*store, false, true, {}) ==
        std::vector<std::string>{"strange", "unknown"});
  Values after = values_of(*store);
  CHECK(after.at("n") != before.at("n"));  // made in another way
  after["n"] = before.at("n");
  CHECK(after == before);
  CHECK(keys_of(*store) ==
        std::vector<std::string>{"a", "strange", "m", "unknown", "plain", "n"});
  const std::string file = contents(path);
  for (const std::string& entry : {strange, unknown, plain}) {
    CHECK(file.find(entry) != std::string::npos);
  }
  CHECK(aligned(*store, "a"));
  CHECK(aligned(*store, "m"));
  CHECK(count_old_arrays(Reading(*store)) == 0);
  // Portable arrays, nested ones too, are copied by an upgrade as without one.
  erase(*store, "strange");
  erase(*store, "unknown");
  vacuum(*store, false, false, {});
  const std::string upgraded = contents(path);
  CHECK(vacuum(*store, false, true, {}).empty());
  CHECK(contents(path).substr(24) == upgraded.substr(24));
}

TEST_CASE("nested arrays stay aligned by those that were aligned") {
  // [an empty array, a masked one with a fill value]: the data of the latter count.
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  numpy::StoredValue stored_value = array_value("float64", {0}, bytes_source(""));
  stored_value.arrays.push_back(
      array_value("int32", {2}, bytes_source("[datafor"), bytes_source(raw("\0\1")))
          .arrays[0]);
  stored_value.arrays[1].fill = stored_value.tree.none();
  stored_value.value = stored_value.tree.container(
      pickle::Tag::list, {stored_value.tree.array(0), stored_value.tree.array(1)});
  put(*store, "gone", 1);
  put(*store, "nested", stored_value);
  put(*store, "behind", 1);
  for (const bool upgrade : {false, true, false}) {
    erase(*store, keys_of(*store)[0] == "gone" ? "gone" : "behind");
    CHECK(vacuum(*store, false, upgrade, {}).empty());
    CHECK(contents(scratch.path()).find("[datafor") % 64 == 0);
    put(*store, "behind", 2);
  }
}

TEST_CASE("upgrade: holes stay holes, R metadata stays") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  const std::uint64_t size = std::uint64_t{1} << 30;
  // Written as old arrays are: the head of a portable one, without what hides it.
  const std::string head = old_array("", "uint8", 0);
  const std::size_t data_at = numpy::kA.size() + 9;
  std::string value = head.substr(0, numpy::kA.size()) + "\x8e" + pickle::le(size, 8);
  const std::string tail = raw("\x8c\5uint8\x86RJ") + pickle::le(size, 4) + "\x85\x86R";
  const std::string model = entry_bytes("s", value + tail);
  {
    os::File file = os::File::open(scratch.path("old"), os::Access::create_new,
                                   os::real_system_calls());
    std::string front = header_bytes() + model.substr(0, 11 + 1 + data_at);
    store_le(reinterpret_cast<std::uint8_t*>(&front[kHeaderSize + 1]),
             model.size() - 9 + size, 8);
    file.write_at(0, Bytes(front));
    file.write_at(front.size() + size,
                  Bytes(model.substr(11 + 1 + data_at) + terminator_bytes()));
  }
  const auto old = Store::open(scratch.path("old"), Options{});
  put(*old, "x", 1);
  CHECK(vacuum(*old, false, true, {}).empty());
  const Reading reading(*old);
  if (test::makes_holes()) CHECK(reading.status().allocated < 10 << 20);
  const Loaded loaded = reading.load(reading.require("s"));
  CHECK(loaded.portable);
  CHECK(loaded.array.shape == numpy::Shape{size});

  const std::string with_metadata = "](" + old_array("xxxxxxxx", "float64", 1) + "e" +
                                    raw("\x8c\x0cmmappickle:RK\1}\x8c\4typeK\7s\x87") +
                                    "0";
  const std::string path = scratch.file(
      header_bytes() + entry_bytes("r", with_metadata) + terminator_bytes(), "metadata");
  const auto kept = Store::open(path, Options{});
  CHECK(vacuum(*kept, false, true, {}).empty());
  const Reading again(*kept);
  const Loaded r = again.load(again.require("r"));
  REQUIRE(r.metadata != pickle::kNoId);
  CHECK(pickle::Dump(r.tree)(r.metadata) == "{s74797065:i7}");
}

#ifndef _WIN32

TEST_CASE("links, hard and symbolic; mode kept") {
  namespace fs = std::filesystem;
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  put(*store, "a", 1);
  erase(*store, "a");
  fs::create_hard_link(scratch.path("m"), scratch.path("hard"));
  const Error error = error_of([&] { vacuum(*store, false, false, {}); });
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.message.find("2 hard links") != std::string::npos);
  fs::remove(scratch.path("hard"));
  fs::permissions(scratch.path("m"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("m", scratch.path("link"));
  const auto linked = Store::open(scratch.path("link"), Options{});
  vacuum(*linked, false, false, {});
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
  const Error error = error_of([&] { vacuum(*store, false, false, {}); });
  CHECK(error.kind == ErrorKind::busy);
  CHECK(error.message.find(std::to_string(child.id())) != std::string::npos);
#endif
  const int old = ::open(scratch.path().c_str(), O_RDONLY | O_CLOEXEC);
  const std::string before = contents(scratch.path());
  vacuum(*store, true, false, {});
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
