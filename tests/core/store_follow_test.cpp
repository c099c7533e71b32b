// What changed between two looks, beside what a model says.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "../../src/core/os/tick.h"
#include "../../src/core/store/follow.h"
#include "../../src/core/store/vacuum.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

// Key and kind; a key that is not known as "?".
Values look(Follower& follower) {
  constexpr const char* kNames[] = {"added", "removed", "replaced", "grown", "written"};
  Values found;
  for (const KeyChange& change : follower.look(-1, 1)) {
    found[change.kind == KeyChange::written ? "?" : change.key] = kNames[change.kind];
  }
  return found;
}

void wait_a_tick() {
  std::this_thread::sleep_for(std::chrono::nanoseconds(2 * os::kTick));
}

struct Followed {
  Scratch scratch;
  std::unique_ptr<Store> writer = Store::open(scratch.path(), Options{});
  std::unique_ptr<Store> reader = open();
  std::unique_ptr<Follower> follower = std::make_unique<Follower>(*reader);

  std::unique_ptr<Store> open() {
    put(*writer, "n", 1);
    put(*writer, "a", doubles_value({1, 2, 3}));
    return Store::open(scratch.path(), readonly_options());
  }
  // Some bytes of the array "a", by who follows no protocol.
  void write_slice(char byte) {
    const Reading reading(*writer);
    const auto at = reading.look(reading.require("a")).place.data;
    std::fstream file(scratch.path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(&byte, 1);
  }
};

TEST_CASE("each change is told once") {
  Followed f;
  CHECK(look(*f.follower).empty());
  CHECK(look(*f.follower).empty());
  put(*f.writer, "new", 2);
  CHECK(look(*f.follower) == Values{{"new", "added"}});
  CHECK(look(*f.follower).empty());
  put(*f.writer, "n", 3);
  erase(*f.writer, "new");
  put(*f.writer, "other", 4);
  CHECK(look(*f.follower) ==
        Values{{"n", "replaced"}, {"new", "removed"}, {"other", "added"}});
  CHECK(look(*f.follower).empty());
  put(*f.writer, "short", 4);
  erase(*f.writer, "short");
  CHECK(look(*f.follower) == Values{{"?", "written"}});
  f.write_slice('x');
  CHECK(look(*f.follower) == Values{{"?", "written"}});
  CHECK(look(*f.follower).empty());
}

TEST_CASE("following begins with the handle's last look, reads of it change nothing") {
  Followed f;
  put(*f.writer, "new", 2);
  CHECK(look(*f.follower) == Values{{"new", "added"}});
  put(*f.writer, "n", 2);
  values_of(*f.reader);
  CHECK(look(*f.follower) == Values{{"n", "replaced"}});
  values_of(*f.reader);
  CHECK(look(*f.follower).empty());
}

TEST_CASE("a change a moment before the first look is not told later") {
  for (const double patience : {0.0, 1.0}) {
    Followed f;
    CHECK(f.follower->look(-1, patience).empty());
    wait_a_tick();
    CHECK(look(*f.follower).empty());
  }
}

TEST_CASE("what its own handle changes is told, too") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  Follower follower(*store);
  CHECK(look(follower).empty());
  put(*store, "n", 1);
  CHECK(look(follower) == Values{{"n", "added"}});
  CHECK(look(follower).empty());
}

// Not on Windows, where no file is replaced that a reader has mapped.
#ifndef _WIN32
TEST_CASE("another file under the path; none for a moment; one that stays away") {
  Followed f;
  CHECK(look(*f.follower).empty());
  vacuum(*f.writer, true, true, {});  // nothing to do
  CHECK(look(*f.follower).empty());
  erase(*f.writer, "n");
  CHECK(look(*f.follower) == Values{{"n", "removed"}});
  vacuum(*f.writer, true, false, {});
  CHECK(look(*f.follower) == Values{{"a", "replaced"}});
  std::filesystem::rename(f.scratch.path(), f.scratch.path("away"));
  CHECK(look(*f.follower).empty());
  CHECK(state_of_file(f.scratch.path()) == "absent");
  put(*Store::open(f.scratch.path("next"), Options{}), "b", 1);
  std::filesystem::rename(f.scratch.path("next"), f.scratch.path());
  CHECK(look(*f.follower) == Values{{"a", "removed"}, {"b", "added"}});
  CHECK(look(*f.follower).empty());
}
#endif

TEST_CASE("no slice hides in the tick of another one, whatever the patience") {
  for (const double patience : {0.0, 0.002, 1.0}) {
    CAPTURE(patience);
    Followed f;
    CHECK(look(*f.follower).empty());
    wait_a_tick();
    int told = 0;
    for (int i = 0; i < 6; ++i) {
      f.write_slice(static_cast<char>(i));
      if (!f.follower->look(-1, patience).empty()) ++told;
      f.write_slice(static_cast<char>(i + 100));  // maybe within the same tick
      wait_a_tick();
      CHECK_FALSE(f.follower->look(-1, patience).empty());
      wait_a_tick();
      f.follower->look(-1, patience);
      CHECK(f.follower->look(-1, patience).empty());
    }
    CHECK(told > 0);
  }
}

TEST_CASE(
    "while nothing changes no lock is taken, and one that is held is not waited for") {
  Followed f;
  os::FaultySystemCalls system;
  const auto reader = Store::open(f.scratch.path(), readonly_options(), system);
  Follower follower(*reader);
  CHECK(look(follower).empty());
  wait_a_tick();
  look(follower);
  system.looks = 0;
  for (int i = 0; i < 10; ++i) CHECK(look(follower).empty());
  CHECK(system.looks == 10);  // one status each
  put(*f.writer, "new", 2);
  {
    const Writing writing(*f.writer);
    CHECK(follower.look(0, 0).empty());
  }
  CHECK(look(follower) == Values{{"new", "added"}});
}

TEST_CASE("the state of a file differs when it was changed") {
  Followed f;
  wait_a_tick();
  std::string state = state_of_file(f.scratch.path());
  CHECK(state_of_file(f.scratch.path()) == state);
  const auto changes = [&](const auto& change) {
    change();
    const std::string now = state_of_file(f.scratch.path());
    CHECK(now != state);
    f.write_slice('y');  // maybe within the same tick
    wait_a_tick();
    state = state_of_file(f.scratch.path());
    CHECK(state != now);
  };
  changes([&] { put(*f.writer, "n", 2); });
  changes([&] { f.write_slice('x'); });
  changes([&] { erase(*f.writer, "n"); });
#ifndef _WIN32
  changes([&] { vacuum(*f.writer, true, false, {}); });
#endif
}

}  // namespace
}  // namespace mmappickle::store
