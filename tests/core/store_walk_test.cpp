// An open handle notices what others do to the file: after each change it knows what a
// handle knows that opens the file anew.
#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "../../src/core/numpy/form_bytes.h"
#include "../../src/core/store/vacuum.h"
#include "../../src/core/store/walk.h"
#include "abilities.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

// All that a walk finds, as text.
std::string known_to(Store& store) {
  const Reading reading(store);
  const Index& index = reading.index();
  std::string text = std::to_string(reading.commit_number()) + " " +
                     std::to_string(reading.file_size()) + " dead " +
                     std::to_string(reading.dead_bytes()) + " bare " +
                     std::to_string(reading.bare_heads()) + " old " +
                     std::to_string(count_old_arrays(reading)) + "\n";
  std::size_t n = 0;
  for (const Index::Slot slot : index.live()) {
    CHECK(index.nth(n++) == slot);
    CHECK(index.find(index.key(slot)) == slot);
    const Entry& entry = index[slot];
    text += std::string(index.key(slot)) + " " + std::to_string(entry.at) + " " +
            std::to_string(entry.padding) + " " + std::to_string(entry.length) + " " +
            value_of(reading, std::string(index.key(slot))) + "\n";
  }
  CHECK(n == index.count());
  return text;
}

std::string outcome(const std::function<std::string()>& call) {
  try {
    return call();
  } catch (const Error& error) {
    return std::string(name(error.kind)) + ": " + error.message;
  }
}

std::string known_anew(const std::string& path) {
  return outcome([&] {
    const auto store = Store::open(path, readonly_options());
    return known_to(*store);
  });
}

// What the Python library does to a file, by its bytes.
class Library {
 public:
  explicit Library(const Scratch& scratch)
      : scratch_(scratch), bytes_(contents(scratch.path())) {}

  void insert(const std::string& entry) {
    raise();
    bytes_.replace(bytes_.size() - kTerminatorSize, kTerminatorSize,
                   entry + terminator_bytes());
  }
  bool remove(const std::string& key) {
    for (const Frame& frame : frames()) {
      if (frame.state != kLive || key_of(frame) != key) continue;
      raise();
      bytes_[frame.state_at()] = static_cast<char>(kDead);
      return true;
    }
    return false;
  }
  // In place, without what padded the entries.
  void vacuum() {
    std::string live;
    for (const Frame& frame : frames()) {
      if (frame.state == kLive) live += bytes_.substr(frame.at, frame.length);
    }
    number(number() == 0 ? 1 : 0);
    bytes_ = bytes_.substr(0, kHeaderSize) + live + terminator_bytes();
  }
  // A byte of an array's data, as by NumPy's map.
  void touch(std::mt19937& random) {
    std::vector<std::uint64_t> places;
    for (const Frame& frame : frames()) {
      const Image value = Image(Bytes(bytes_)).slice(frame.value(), frame.value_size());
      const std::uint64_t head = numpy::array_head(value);
      if (head != 0) places.push_back(frame.value() + head + 9);
    }
    if (places.empty()) return;
    bytes_[places[random() % places.size()]] = static_cast<char>(random());
  }
  void write() const { scratch_.file(bytes_); }

 private:
  std::vector<Frame> frames() const {
    std::vector<Frame> all;
    each_entry(Bytes(bytes_), [&](const Frame& frame) { all.push_back(frame); });
    return all;
  }
  std::string key_of(const Frame& frame) const {
    return bytes_.substr(frame.key(), frame.key_size);
  }
  std::int32_t number() const { return commit_number(Bytes(bytes_)); }
  void number(std::int32_t value) {
    bytes_.replace(kNumberOffset, 4, pickle::le(static_cast<std::uint32_t>(value), 4));
  }
  void raise() { number(next_number(number())); }

  const Scratch& scratch_;
  std::string bytes_;
};

std::string old_array(const std::string& data) {
  return std::string(numpy::kA) + "\x8e" + pickle::le(data.size(), 8) + data +
         "\x8c\5uint8\x86RK" + std::string(1, static_cast<char>(data.size())) +
         "\x85\x86R";
}

class Others {
 public:
  Others(const Scratch& scratch, unsigned seed)
      : scratch_(scratch),
        random_(seed),
        other_(Store::open(scratch.path(), Options{})),
        before_{contents(scratch.path())} {}

  void change() {
    const std::string key = "k" + std::to_string(random_() % 12);
    const auto n = static_cast<std::size_t>(random_() % 40);
    if (random_() % 4 == 0) before_.push_back(contents(scratch_.path()));
    switch (random_() % 14) {
      case 0:
        return Writing(*other_).put(key, integer_value(static_cast<int>(n)));
      case 1:
      case 2:
        return Writing(*other_).put(key, doubles_value(std::vector<double>(n, 1)));
      case 3:
        return Writing(*other_).put(
            key, array_value("int8", {n + 1}, bytes_source(std::string(n + 1, 'd')),
                             bytes_source(std::string(n + 1, '\1'))));
      case 4:
        return Writing(*other_).put(key, text_value(std::string(n, '\x30')));
      case 5: {
        Writing writing(*other_);
        if (writing.index().find(key) != Index::kNone) writing.erase(key);
        return;
      }
      case 6: {  // a slice
        Writing writing(*other_);
        if (writing.index().find(key) == Index::kNone) return;
        const Loaded loaded = writing.look(writing.require(key));
        const std::uint8_t byte = static_cast<std::uint8_t>(n);
        if (loaded.is_array && loaded.array.count() > 0) {
          overwrite(writing, loaded.place.data, Bytes(&byte, 1));
        }
        return;
      }
      case 7:
        vacuum(*other_, true, random_() % 2 == 0, {});
        return;
      case 8: {  // as it was some time before, in place
        scratch_.file(before_[random_() % before_.size()]);
        return;
      }
      default:
        break;
    }
    Library library(scratch_);
    switch (random_() % 6) {
      case 0:
        library.remove(key);
        break;
      case 1:
        library.remove(key);
        library.insert(entry_bytes(key, raw("K\5")));
        break;
      case 2:
        library.remove(key);
        library.insert(entry_bytes(key, old_array(std::string(n + 1, '\x95'))));
        break;
      case 3:
        library.vacuum();
        break;
      case 4:  // interrupted: the older one stays
        library.insert(entry_bytes(key, raw("N")));
        break;
      default:
        library.touch(random_);
    }
    library.write();
  }

 private:
  const Scratch& scratch_;
  std::mt19937 random_;
  std::unique_ptr<Store> other_;
  std::vector<std::string> before_;
};

TEST_CASE("after any change by others a handle knows what a new one does" *
          doctest::skip(!test::kChangesMappedFiles)) {
  std::set<std::string> seen;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    const Scratch scratch;
    const auto store = Store::open(scratch.path(), Options{});
    Others others(scratch, seed);
    for (int i = 0; i < 60; ++i) {
      others.change();
      const std::string anew = known_anew(scratch.path());
      if (i % 3 != 0) {  // one value alone, first
        const std::string key = "k" + std::to_string(i % 12);
        const std::string mine = outcome([&] {
          const Reading reading(*store);
          return value_text(reading.load(reading.require(key)));
        });
        const std::string theirs = outcome([&] {
          const auto fresh = Store::open(scratch.path(), readonly_options());
          const Reading reading(*fresh);
          return value_text(reading.load(reading.require(key)));
        });
        REQUIRE(mine == theirs);
      }
      REQUIRE(outcome([&] { return known_to(*store); }) == anew);
      seen.insert(anew);
      if (i % 7 == 0) {  // and goes on from there
        Writing(*store).put("own" + std::to_string(i), integer_value(i));
        Others(scratch, seed + 100).change();
      }
    }
  }
  CHECK(seen.size() > 300);
}

TEST_CASE("two histories of one number and one size are told apart" *
          doctest::skip(!test::kChangesMappedFiles)) {
  const Scratch scratch;
  {
    const auto store = Store::open(scratch.path(), Options{});
    for (const char* key : {"a", "b", "c"}) Writing(*store).put(key, integer_value(1));
  }
  const std::string all = contents(scratch.path());
  const auto without = [&](const std::string& key) {
    scratch.file(all);
    Library library(scratch);
    library.remove(key);
    library.write();
  };
  without("a");
  const auto store = Store::open(scratch.path(), Options{});
  CHECK(known_to(*store) == known_anew(scratch.path()));
  without("b");
  CHECK(error_of([&] {
          const Reading reading(*store);
          reading.require("b");
        }).kind == ErrorKind::key);
  CHECK(known_to(*store) == known_anew(scratch.path()));
  without("c");  // a value that was not there is found, and one that was there written
  Writing(*store).put("b", integer_value(7));
  CHECK(known_to(*store) == known_anew(scratch.path()));
  CHECK(values_of(*store).size() == 2);
}

TEST_CASE("a slice that another handle writes costs no walk") {
  const Scratch scratch;
  const auto one = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path(), Options{});
  Writing(*one).put("array", doubles_value({1, 2, 3}));
  for (int i = 0; i < 50; ++i) {
    Writing(*one).put("k" + std::to_string(i), integer_value(i));
  }
  const std::string before = known_to(*other);
  {
    Writing writing(*one);
    const Loaded loaded = writing.look(writing.require("array"));
    const std::uint8_t byte = 1;
    overwrite(writing, loaded.place.data, Bytes(&byte, 1));
  }
  // A frame that is none, far from the array: who does not walk does not meet it.
  const std::string path = scratch.path();
  const std::uint64_t at = [&] {
    const Reading reading(*one);
    return reading.index()[reading.index().find("k20")].at;
  }();
  os::File file = os::File::open(path, os::Access::write);
  const std::uint8_t broken = 0, frame = 0x95;
  file.write_at(at, Bytes(&broken, 1));
  {
    const Reading reading(*other);
    CHECK(reading.load(reading.require("array")).is_array);
    CHECK(error_of([&] { reading.index(); }).kind == ErrorKind::format);
  }
  file.write_at(at, Bytes(&frame, 1));
  CHECK(known_to(*other) == known_anew(path));
  CHECK(known_to(*other) != before);
}

TEST_CASE("what died is looked at by its lengths and its states alone") {
  const Scratch scratch;
  const auto one = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path(), Options{});
  Writing(*one).put("first", integer_value(1));
  for (int i = 0; i < 50; ++i) {
    Writing(*one).put("array", doubles_value({1, 2, 3}));
    Writing(*one).put("number", integer_value(i));
  }
  CHECK(known_to(*other) == known_anew(scratch.path()));
  std::vector<Frame> dead;
  const std::string bytes = contents(scratch.path());
  each_entry(Bytes(bytes), [&](const Frame& frame) {
    if (frame.state == kDead) dead.push_back(frame);
  });
  REQUIRE(dead.size() > 90);
  os::File file = os::File::open(scratch.path(), os::Access::write);
  const auto set = [&](std::uint64_t at, std::uint8_t value) {
    file.write_at(at, Bytes(&value, 1));
  };
  std::uint8_t changes = 150;
  constexpr std::chrono::milliseconds kSoManyChanges(1);
  // What `other` finds after a commit, with one byte of the file set to `value`.
  const auto with = [&](std::uint64_t at, std::uint8_t value) {
    set(at, value);
    set(kNumberOffset, ++changes);
    std::this_thread::sleep_for(kSoManyChanges);
    const std::string found = outcome([&] { return known_to(*other); });
    CHECK((found == known_anew(scratch.path())) == (at != dead[57].body()));
    set(at, static_cast<std::uint8_t>(bytes[at]));
    set(kNumberOffset, ++changes);
    std::this_thread::sleep_for(kSoManyChanges);
    CHECK(outcome([&] { return known_to(*other); }) == known_anew(scratch.path()));
    return found;
  };
  const Frame& frame = dead[57];
  const auto is_damaged = [](const std::string& found) {
    return found.rfind("format: ", 0) == 0;
  };
  CHECK(!is_damaged(with(frame.body(), 0xff)));
  CHECK(is_damaged(with(frame.at, 0)));
  CHECK(is_damaged(with(frame.at + 1, static_cast<std::uint8_t>(frame.length))));
  CHECK(is_damaged(with(frame.at + 8, 0x80)));
  CHECK(!is_damaged(with(frame.state_at(), kLive)));
}

// The Python library's vacuum alone puts something live where something dead stood: the
// number starts again with it, and takes its time to come up to what it was.
TEST_CASE("what died is passed by where nobody can have put something in its place") {
  const Scratch scratch;
  const auto one = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path(), Options{});
  Writing(*one).put("first", integer_value(1));
  Writing(*one).put("second", integer_value(1));
  Writing(*one).put("third", integer_value(1));
  Writing(*one).erase("second");
  os::File file = os::File::open(scratch.path(), os::Access::write);
  const auto set_number = [&](std::int32_t number) {
    std::uint8_t bytes[4];
    store_le(bytes, static_cast<std::uint32_t>(number), 4);
    file.write_at(kNumberOffset, Bytes(bytes, 4));
  };
  std::uint64_t state_at = 0;
  const std::string bytes = contents(scratch.path());
  each_entry(Bytes(bytes), [&](const Frame& frame) {
    if (frame.state == kDead) state_at = frame.state_at();
  });
  const auto revive = [&](bool live) {
    const std::uint8_t state = live ? kLive : kDead;
    file.write_at(state_at, Bytes(&state, 1));
  };
  const auto sees_it = [&](std::int32_t before, std::int32_t after, bool waits) {
    revive(false);
    set_number(before);
    CHECK(known_to(*other) == known_anew(scratch.path()));
    if (waits) std::this_thread::sleep_for(std::chrono::milliseconds(30));
    revive(true);
    set_number(after);
    return known_to(*other) == known_anew(scratch.path());
  };
  CHECK(sees_it(4, 5, false));           // few changes are made at once
  CHECK(sees_it(100000, 99999, false));  // and a number that fell tells of it
  CHECK(sees_it(100000, 1, false));
  CHECK(sees_it(100000, 100001, true));  // time went by
  CHECK(sees_it(INT32_MAX, INT32_MIN, false));
  CHECK(sees_it(-5, -4, false));
  // Minutes' changes; but on a busy machine a second may go by.
  bool passed_by = false;
  for (int i = 0; i < 20 && !passed_by; ++i) {
    passed_by = !sees_it(INT32_MAX - 1, INT32_MAX, false);
  }
  CHECK(passed_by);
}

#ifndef _WIN32
TEST_CASE("a child that came by a fork goes by the file that has the name now") {
  const Scratch scratch;
  const auto one = Store::open(scratch.path(), Options{});
  const auto other = Store::open(scratch.path(), Options{});
  Writing(*one).put("dead", doubles_value(std::vector<double>(1000)));
  Writing(*one).put("array", doubles_value({1, 2, 3}));
  Writing(*one).erase("dead");
  known_to(*one);
  vacuum(*other, true, false, {});  // a smaller one
  test::Child child(
      [&](test::Child&) { return known_to(*one) == known_anew(scratch.path()) ? 0 : 1; });
  CHECK(child.exit_code() == 0);
}
#endif

}  // namespace
}  // namespace mmappickle::store
