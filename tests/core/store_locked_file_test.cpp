// Open, lock, and see that the path still names the file.
#include <doctest/doctest.h>

#include "../../src/core/store/locked_file.h"
#include "abilities.h"
#include "scratch.h"

namespace mmappickle::store {
namespace {

using test::Scratch;

// Before each of the first locks somebody else puts another file in the place.
class ReplacingSystemCalls : public os::SystemCalls {
 public:
  ReplacingSystemCalls(const Scratch& scratch, int times)
      : scratch_(scratch), times_(times) {}
  os::Outcome try_lock(os::Native file, bool exclusive) override {
    if (times_ != 0) {
      if (times_ > 0) --times_;
      ++replaced;
      const std::string other =
          scratch_.file("other " + std::to_string(replaced), "other");
      SystemCalls::rename(other, scratch_.path());
    }
    if (refuse_after >= 0 && replaced > refuse_after) return {EWOULDBLOCK};
    return SystemCalls::try_lock(file, exclusive);
  }
  int replaced = 0;
  int refuse_after = -1;

 private:
  const Scratch& scratch_;
  int times_;  // negative: always
};

std::string read(const os::File& file) {
  std::string bytes(file.status().size, '\0');
  file.read_at(0, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  return bytes;
}

Options soon() {
  Options options;
  options.lock_timeout = 0;
  return options;
}

TEST_CASE("locked file: what the path names when the lock is there" *
          doctest::skip(!test::replaces_open_files())) {
  for (const bool writing : {false, true}) {
    for (const int times : {0, 1, 3}) {
      const Scratch scratch;
      scratch.file("first");
      ReplacingSystemCalls system(scratch, times);
      const LockedFile locked = open_locked(scratch.path(), writing, soon(), system);
      CHECK(read(locked.file) ==
            (times == 0 ? "first" : "other " + std::to_string(times)));
      CHECK(is_named(locked.file, scratch.path(), system));
      CHECK(locked.lock.held());
      CHECK_THROWS_AS(open_locked(scratch.path(), true, soon(), os::real_system_calls()),
                      Error);
    }
  }
}

TEST_CASE("locked file: one that is replaced each time is an Error" *
          doctest::skip(!test::replaces_open_files())) {
  const Scratch scratch;
  scratch.file("first");
  ReplacingSystemCalls system(scratch, -1);
  try {
    open_locked(scratch.path(), false, soon(), system);
    FAIL("no Error");
  } catch (const Error& error) {
    CHECK(error.kind == ErrorKind::stale);
  }
  CHECK(system.replaced <= 101);
}

TEST_CASE("locked file: what is open stays as it was where the lock does not come" *
          doctest::skip(!test::replaces_open_files())) {
  const Scratch scratch;
  scratch.file("first");
  ReplacingSystemCalls system(scratch, 1);
  system.refuse_after = 0;  // the lock on the other file
  os::File file = os::File::open(scratch.path(), os::Access::write, system);
  const os::Identity before = file.status().identity;
  os::Turns turns;
  CHECK_THROWS_AS(
      lock_again(file, scratch.path(), os::Sharing::exclusive, soon(), turns, system),
      Error);
  CHECK(file.is_open());
  CHECK(file.status().identity == before);

  system.refuse_after = -1;
  const Relocked locked =
      lock_again(file, scratch.path(), os::Sharing::exclusive, soon(), turns, system);
  CHECK(locked.is_another);
  CHECK_FALSE(locked.is_gone);
  CHECK(read(file) == "other 1");
}

TEST_CASE("locked file: of a path without a file the open one stays" *
          doctest::skip(!test::replaces_open_files())) {
  const Scratch scratch;
  scratch.file("first");
  os::File file = os::File::open(scratch.path(), os::Access::read);
  std::filesystem::remove(scratch.path());
  Options options = soon();
  options.readonly = true;
  os::Turns turns;
  const Relocked locked = lock_again(file, scratch.path(), os::Sharing::shared, options,
                                     turns, os::real_system_calls());
  CHECK(locked.is_gone);
  CHECK_FALSE(locked.is_another);
  CHECK(read(file) == "first");
  CHECK_THROWS_AS(open_locked(scratch.path(), false, options, os::real_system_calls()),
                  Error);
}

}  // namespace
}  // namespace mmappickle::store
