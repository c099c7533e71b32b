// Other systems' ways with open and mapped files, put in the place of Linux's: all that
// one does with files gives the same. Linux only, as /proc tells what is open.
#ifdef __linux__

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/core/os/map.h"
#include "../../src/core/os/tick.h"
#include "../../src/core/store/follow.h"
#include "../../src/core/store/replace.h"
#include "store_operations.h"

namespace mmappickle::store {
namespace {

namespace fs = std::filesystem;
using test::code_of;

bool has_open(const std::string& path) {
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    if (fs::read_symlink(entry.path(), ignored) == path) return true;
  }
  return false;
}

// Neither has a second lock beside the first, nor copies from file to file by itself.
class NotLinux : public os::SystemCalls {
 public:
  os::Outcome queue(os::Native, bool, Queue, bool&) override {
    return {code_of("EOPNOTSUPP")};
  }
  os::Outcome copy(os::Native, std::uint64_t, os::Native, std::uint64_t,
                   std::uint64_t) override {
    return {code_of("EOPNOTSUPP")};
  }
};

// Windows: replaces no file that this process has open or mapped; cuts and punches none
// that it has mapped; nothing is stored through a map.
class AsOnWindows : public NotLinux {
 public:
  int refusals = 0;
  os::Outcome rename(const std::string& from, const std::string& to) override {
    if (!has_open(to) && maps_in(to) == 0) return SystemCalls::rename(from, to);
    return refused();
  }
  os::Outcome truncate(os::Native file, std::uint64_t size) override {
    return is_mapped(file) ? refused() : SystemCalls::truncate(file, size);
  }
  os::Outcome punch(os::Native file, std::uint64_t offset, std::uint64_t n) override {
    return is_mapped(file) ? refused() : SystemCalls::punch(file, offset, n);
  }
  os::Outcome map_shared(os::Native, std::uint64_t, std::uint8_t*&) override {
    return {code_of("EOPNOTSUPP")};
  }

 private:
  static bool is_mapped(os::Native file) {
    return maps_in(fs::read_symlink("/proc/self/fd/" + std::to_string(file))) > 0;
  }
  os::Outcome refused() {
    ++refusals;
    return {code_of("EBUSY")};
  }
};

// macOS: a map is of the file as it was then, of whole pages, and of no empty file; no
// part of a block is punched.
class AsOnMac : public NotLinux {
 public:
  bool maps_follow_files() override { return false; }
  os::Outcome map(os::Native file, std::uint64_t offset, std::uint64_t n, bool writable,
                  std::uint8_t*& at) override {
    os::Status of;
    if (file == os::kNoNative) return SystemCalls::map(file, offset, n, writable, at);
    const os::Outcome looked = status(file, of);
    if (looked.error != 0) return looked;
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t end = (of.size + page - 1) / page * page;
    if (of.size == 0 || offset + n > end) return {code_of("EINVAL")};
    // Longer each time, so that none comes to lie where one before it was: who still
    // looks there fails.
    const std::uint64_t longer = n + ++maps_ * page;
    const os::Outcome mapped = SystemCalls::map(os::kNoNative, 0, longer, true, at);
    if (mapped.error != 0) return mapped;
    const os::Outcome read = read_at(file, at, n, offset);
    if (!writable) ::mprotect(at, n, PROT_READ);
    return {read.error, 0};
  }
  os::Outcome punch(os::Native file, std::uint64_t offset, std::uint64_t n) override {
    if (offset % kPage != 0 || n % kPage != 0) return {code_of("EINVAL")};
    return SystemCalls::punch(file, offset, n);
  }

 private:
  std::uint64_t maps_ = 0;
};

void check_all_operations(os::SystemCalls& system) {
  const Seed seed;
  for (const Operation& operation : operations()) {
    CAPTURE(operation.name);
    const Scratch scratch;
    seed.copy_to(scratch);
    Place place{scratch, system};
    CHECK_NOTHROW(operation.make(place));
    CHECK(look(scratch) == seed.after(operation));
    CHECK(maps_in(scratch.folder()) == 0);
  }
}

TEST_CASE("nothing of ours stands in the way of a file that is replaced") {
  AsOnWindows system;
  check_all_operations(system);
  // Once each, while the lock was held: vacuum, upgrade, repair, two conversions.
  CHECK(system.refusals == 5);
}

TEST_CASE("nothing depends on maps that follow their file") {
  AsOnMac system;
  check_all_operations(system);
}

TEST_CASE("what is doubtful is walked through again before its bytes are taken") {
  const Scratch scratch;
  AsOnMac system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  for (const char* key : {"a", "b", "c"}) put(*store, key, 1);
  erase(*store, "a");
  const auto touch = [&] {  // by somebody whose change cannot be told from none
    fs::last_write_time(scratch.path(),
                        fs::last_write_time(scratch.path()) + std::chrono::seconds(1));
  };
  touch();
  reclaim(*store, true, [](const Range&) { return false; });
  touch();
  vacuum(*store, true, false, {});
  touch();
  CHECK(values_of(*store) == Values{{"b", "i1"}, {"c", "i1"}});
  CHECK(values_of(scratch.path()) == values_of(*store));
}

TEST_CASE("after a replacement that was refused at first, the handle is good for more") {
  const Scratch scratch;
  AsOnWindows system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "a", text_value(std::string(5000, 'x')));
  put(*store, "a", 1);
  vacuum(*store, false, false, {});
  CHECK(system.refusals == 1);
  put(*store, "b", 2);
  CHECK(values_of(*store) == Values{{"a", "i1"}, {"b", "i2"}});
  CHECK(values_of(scratch.path()) == values_of(*store));
}

TEST_CASE("what was not finished is cut off where a mapped file cannot be cut") {
  const Scratch scratch;
  AsOnWindows system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "a", 1);
  const std::string sound = contents(scratch.path());
  std::ofstream(scratch.path(), std::ios::binary | std::ios::app) << "half an entry";
  CHECK(values_of(*store) == Values{{"a", "i1"}});
  put(*store, "b", 2);
  CHECK(values_of(scratch.path()).size() == 2);
  numpy::StoredValue interrupted = text_value(std::string(1 << 20, 'x'));
  interrupted.confirm = [] { throw Interrupted{}; };
  const std::size_t size = contents(scratch.path()).size();
  CHECK_THROWS_AS(put(*store, "c", interrupted), Interrupted);
  CHECK(contents(scratch.path()).size() == size);
  CHECK(system.refusals == 0);
}

TEST_CASE(
    "what was not finished stays while somebody has the file mapped, and harms not") {
  const Scratch scratch;
  AsOnWindows system;
  auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "a", 1);
  const std::string junk(10000, 'j');
  std::ofstream(scratch.path(), std::ios::binary | std::ios::app) << junk;
  {
    const auto other = Store::open(scratch.path(), readonly_options());
    CHECK(values_of(*other).size() == 1);
    put(*store, "b", 2);
    put(*store, "c", text_value("text"));
    erase(*store, "b");
    CHECK(system.refusals > 0);
    CHECK(values_of(*other) == values_of(*store));
    CHECK(values_of(scratch.path()).size() == 2);
    CHECK(contents(scratch.path()).size() > junk.size());
  }
  store.reset();
  store = Store::open(scratch.path(), Options{}, system);
  put(*store, "d", 4);
  CHECK(contents(scratch.path()).size() < junk.size());
  CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
  CHECK(values_of(*store).size() == 3);
}

TEST_CASE("a file that others have mapped is busy, and stays as it was") {
  const Scratch scratch;
  AsOnWindows system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  put(*store, "a", doubles_value({1, 2, 3}));
  put(*store, "b", 1);
  put(*store, "b", 2);
  const std::string before = contents(scratch.path());
  {
    const auto view = [&] {
      const Reading reading(*store);
      return reading.load(reading.require("a"));
    }();
    const Error error = error_of([&] { vacuum(*store, false, false, {}); });
    CHECK(error.kind == ErrorKind::busy);
    CHECK(error.path == scratch.path());
    CHECK_FALSE(error.hint.empty());
    CHECK(contents(scratch.path()) == before);
    CHECK(files_in(scratch).size() == 1);
    CHECK(values_of(*store).size() == 2);
    put(*store, "c", 3);
  }
  vacuum(*store, false, false, {});
  CHECK(Reading(*store).dead_bytes() == 0);
  CHECK(values_of(scratch.path()).size() == 3);
}

TEST_CASE("a map of macOS is of the file as it was") {
  const Scratch scratch;
  AsOnMac system;
  const auto store = Store::open(scratch.path(), Options{}, system);
  const auto other = Store::open(scratch.path(), Options{}, system);
  put(*store, "a", doubles_value({1, 2}));
  const auto load = [&](Store& from) {
    const Reading reading(from);
    return reading.load(reading.require("a"));
  };
  const Loaded old = load(*store);
  const std::string text = value_text(old);
  for (int i = 0; i < 20; ++i) {
    slice(*(i % 2 == 0 ? store : other), "a", 0);
    CHECK(value_text(load(*store)) != text);
    CHECK(value_text(load(*other)) != text);
    put(*other, "n", i);
    CHECK(value_text(old) == text);
    CHECK(value_text(load(*other)) == value_text(load(*store)));
    CHECK(values_of(*store)["n"] == "i" + std::to_string(i));
    put(*store, "a", doubles_value({1, 2}));
    CHECK(value_text(load(*other)) == text);
  }
}

// Rows and their length are other handles' at their next look, not before; what was read
// keeps its rows.
TEST_CASE("what grows elsewhere than on Linux") {
  AsOnMac mac;
  AsOnWindows windows;
  for (os::SystemCalls* system :
       {static_cast<os::SystemCalls*>(&mac), static_cast<os::SystemCalls*>(&windows)}) {
    for (const bool masked : {false, true}) {
      CAPTURE(masked);
      const Scratch scratch;
      const auto store = Store::open(scratch.path(), Options{}, *system);
      const auto other = Store::open(scratch.path(), Options{}, *system);
      put(*store, "g", growing_value(8, 2, 'a', masked, 3));
      Follower follower(*other);
      follower.look(-1, 1);
      std::uint64_t rows = 2;
      std::vector<Loaded> old;
      std::vector<std::string> texts;
      for (int i = 0; i < 14; ++i) {
        Store& writer = i % 3 == 0 ? *other : *store;
        append(writer, "g", 1 + i % 2, static_cast<char>('b' + i % 20));
        rows += 1 + i % 2;
        for (Store* one : {store.get(), other.get()}) {
          const Reading reading(*one);
          old.push_back(reading.load(reading.require("g")));
          texts.push_back(value_text(old.back()));
          CHECK(old.back().growth.length == rows);
        }
        CHECK(texts.end()[-1] == texts.end()[-2]);
        const std::vector<KeyChange> changes = follower.look(-1, 1);
        REQUIRE(changes.size() == 1);
        CHECK(changes[0].key == "g");
        CHECK((changes[0].kind == KeyChange::grown ||  // or moved, to grow
               changes[0].kind == KeyChange::replaced));
      }
      for (std::size_t i = 0; i < old.size(); ++i) {
        CHECK(value_text(old[i]) == texts[i]);
      }
      CHECK(values_of(scratch.path()) == values_of(*store));
      CHECK(fsck(scratch.path(), false, Options{}).findings.empty());
    }
  }
}

// -- refusals ---------------------------------------------------------------------------

class RefusesAtFirst : public os::SystemCalls {
 public:
  int left = 0, calls = 0;
  std::function<void()> meanwhile{};
  os::Outcome rename(const std::string& from, const std::string& to) override {
    ++calls;
    if (left == 0) return SystemCalls::rename(from, to);
    --left;
    if (meanwhile) meanwhile();
    return {code_of("EBUSY")};
  }
};

TEST_CASE("replace: tried again while somebody has the file open for a moment") {
  const Scratch scratch;
  scratch.file("old");
  RefusesAtFirst system;
  system.left = 3;
  int let_go = 0;
  replace_file(
      scratch.path(), system, {}, [](Appender& out) { out.put(Bytes("new")); },
      [&] { ++let_go; });
  CHECK(let_go == 1);
  CHECK(system.calls == 4);
  CHECK(contents(scratch.path()) == "new");
  CHECK(files_in(scratch).size() == 1);
}

TEST_CASE("replace: what others changed in the meantime stays") {
  const Scratch scratch;
  scratch.file("old");
  RefusesAtFirst system;
  system.left = 2;
  system.meanwhile = [&] { scratch.file("theirs"); };
  const Error error = error_of([&] {
    replace_file(scratch.path(), system, {},
                 [](Appender& out) { out.put(Bytes("new")); });
  });
  CHECK(error.kind == ErrorKind::stale);
  CHECK(error.path == scratch.path());
  CHECK(contents(scratch.path()) == "theirs");
  CHECK(files_in(scratch).size() == 1);
}

}  // namespace
}  // namespace mmappickle::store

#endif
