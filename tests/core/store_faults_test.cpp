// Every system call of every change fails once, and the process is killed at each: the
// file then reads as before or as after the change, and can be written.
#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>
#include <functional>

#include "../../src/core/store/vacuum.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

struct Change {
  const char* name;
  std::function<void(Store&)> make;
};

std::vector<Change> changes() {
  return {
      {"insert", [](Store& s) { put(s, "new", text_value("some text")); }},
      {"insert array",
       [](Store& s) {
         put(s, "new", doubles_value({1, 2, 3}));
       }},
      {"insert large",
       [](Store& s) { put(s, "new", text_value(std::string(200000, 'x'))); }},
      {"replace",
       [](Store& s) {
         put(s, "n", doubles_value({4, 5}));
       }},
      {"delete", [](Store& s) { erase(s, "a"); }},
      {"append", [](Store& s) { append(s, "g", 2, 'b'); }},
      {"append without room", [](Store& s) { append(s, "g", 3000, 'b'); }},
      {"swap",
       [](Store& s) {
         Writing writing(s);
         writing.copy(writing, {{"n", "a"}, {"a", "n"}}, false, true);
       }},
      {"copy",
       [](Store& s) {
         Writing writing(s);
         writing.copy(writing, {{"a", "b"}, {"d", "e"}}, false);
       }},
      {"stub",
       [](Store& s) {
         put(s, "new", array_value("float64", {1 << 17}, hole_source(1 << 20)));
       }},
      {"vacuum", [](Store& s) { vacuum(s, false, false, {}); }},
  };
}

// A file with entries of several kinds, some of them dead, before a page's end.
void fill(const std::string& path) {
  const auto store = Store::open(path, Options{});
  put(*store, "n", 1);
  put(*store, "gone", text_value(std::string(3600, 'g')));
  put(*store, "a", doubles_value({1, 2}));
  put(*store, "d", nested_value({3}));
  put(*store, "g", growing_value(8, 2, 'a', false, 2));
  erase(*store, "gone");
}

void check_usable(const std::string& path, Values expected) {
  const auto store = Store::open(path, Options{});
  put(*store, "more", 7);
  expected["more"] = "i7";
  CHECK(values_of(*store) == expected);
  CHECK(values_of(path) == expected);
}

TEST_CASE("the n-th call fails, for n = 1, 2, ... until the change succeeds") {
  for (const bool durable : {false, true}) {
    for (const bool partial : {false, true}) {
      for (const Change& change : changes()) {
        CAPTURE(change.name);
        CAPTURE(partial);
        Options options;
        options.durable = durable;
        bool done = false;
        for (std::uint64_t n = 1; !done; ++n) {
          CAPTURE(n);
          REQUIRE(n < 100);
          const Scratch scratch;
          fill(scratch.path());
          const Values before = values_of(scratch.path());
          os::FaultySystemCalls system;
          const auto store = Store::open(scratch.path(), options, system);
          system.calls = 0;
          system.fail_at = n;
          system.error = "ENOSPC";
          system.partial = partial;
          bool failed = false;
          try {
            change.make(*store);
          } catch (const Error& error) {
            failed = true;
            CHECK(error.kind == ErrorKind::io);
            CHECK(error.cause == "ENOSPC");
            CHECK(error.path == scratch.path());
          }
          done = system.calls < n;
          CHECK((!done || !failed));
          system.fail_at = 0;
          const Values after = values_of(scratch.path());
          if (failed && std::string(change.name) != "vacuum") {
            // The handle says the same as the file.
            CHECK(values_of(*store) == after);
          }
          const Scratch model;
          fill(model.path());
          const auto model_store = Store::open(model.path(), options);
          change.make(*model_store);
          const Values wanted = values_of(model.path());
          CHECK((after == wanted || (failed && after == before)));
          check_usable(scratch.path(), after);
          put(*store, "again", 8);
          CHECK(values_of(scratch.path())["again"] == "i8");
          int files = 0;
          for (const auto& entry :
               std::filesystem::directory_iterator(scratch.folder())) {
            files += entry.is_regular_file();
          }
          // A temporary file that could not be removed may be left, the first time.
          CHECK(files == 1);
        }
      }
    }
  }
}

TEST_CASE("creation: the n-th call fails") {
  for (std::uint64_t n = 1;; ++n) {
    const Scratch scratch;
    os::FaultySystemCalls system;
    system.fail_at = n;
    system.error = "ENOSPC";
    try {
      Store::open(scratch.path(), Options{}, system);
    } catch (const Error& error) {
      CHECK(error.cause == "ENOSPC");
      CHECK_FALSE(std::filesystem::exists(scratch.path()));
    }
    CHECK_NOTHROW(put(*Store::open(scratch.path(), Options{}), "a", 1));
    const auto files = std::filesystem::directory_iterator(scratch.folder());
    CHECK(std::distance(begin(files), end(files)) == 1);
    if (system.calls < n) break;
    REQUIRE(n < 20);
  }
}

#ifndef _WIN32

TEST_CASE("the process is killed before the n-th call") {
  for (const Change& change : changes()) {
    CAPTURE(change.name);
    const Scratch model;
    fill(model.path());
    const Values before = values_of(model.path());
    change.make(*Store::open(model.path(), Options{}));
    const Values wanted = values_of(model.path());
    for (std::uint64_t n = 1;; ++n) {
      CAPTURE(n);
      REQUIRE(n < 100);
      const Scratch scratch;
      fill(scratch.path());
      test::Child child([&](test::Child&) {
        os::FaultySystemCalls system;
        const auto store = Store::open(scratch.path(), Options{}, system);
        system.calls = 0;
        system.kill_at = n;
        change.make(*store);
        return 0;
      });
      const bool finished = child.exit_code() == 0;
      const Values after = values_of(scratch.path());
      CHECK((after == wanted || (!finished && after == before)));
      check_usable(scratch.path(), after);
      if (finished) break;
    }
  }
}

TEST_CASE("creation: the process is killed before the n-th call") {
  for (std::uint64_t n = 1;; ++n) {
    const Scratch scratch;
    test::Child child([&](test::Child&) {
      os::FaultySystemCalls system;
      system.kill_at = n;
      Store::open(scratch.path(), Options{}, system);
      return 0;
    });
    const bool finished = child.exit_code() == 0;
    CHECK(std::filesystem::exists(scratch.path()) == finished);
    if (finished) CHECK(contents(scratch.path()) == empty_file());
    check_usable(scratch.path(), {});
    if (finished) break;
    REQUIRE(n < 20);
  }
}

#endif

}  // namespace
}  // namespace mmappickle::store
