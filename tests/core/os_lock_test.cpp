#include <doctest/doctest.h>

#include <chrono>

#include "abilities.h"
#include "child.h"
#include "os/lock.h"
#include "scratch.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>

#include <atomic>
#include <memory>
#include <vector>
#endif

using namespace mmappickle;
using os::Access;
using os::File;
using os::Lock;
using os::Sharing;
using os::Wait;
using test::error_of;
using test::Scratch;

namespace {

double seconds_of(const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

const Wait kOnce{0, {}};

}  // namespace

TEST_CASE("locks conflict between two descriptors as flock says") {
  const Scratch scratch;
  scratch.file("x");
  const File a = File::open(scratch.path(), Access::write);
  const File b = File::open(scratch.path(), Access::write);
  for (const Sharing first : {Sharing::shared, Sharing::exclusive}) {
    for (const Sharing second : {Sharing::shared, Sharing::exclusive}) {
      const bool fits = first == Sharing::shared && second == Sharing::shared;
      {
        const Lock held(a, first, kOnce);
        CHECK(held.held());
        const Error error = error_of([&] { Lock(b, second, kOnce); });
        CHECK((error.message == "nothing was thrown") == fits);
        if (!fits) {
          CHECK(error.kind == ErrorKind::busy);
          CHECK(error.path == scratch.path());
          CHECK_FALSE(error.hint.empty());
        }
      }
      CHECK_NOTHROW(Lock(b, second, kOnce));  // given back
    }
  }
}

TEST_CASE("a lock moves with its owner, and is held once") {
  const Scratch scratch;
  scratch.file("x");
  const File a = File::open(scratch.path(), Access::write);
  const File b = File::open(scratch.path(), Access::write);
  Lock none;
  CHECK_FALSE(none.held());
  {
    Lock held(a, Sharing::exclusive, kOnce);
    none = std::move(held);
    CHECK_FALSE(held.held());
  }
  CHECK(error_of([&] { Lock(b, Sharing::shared, kOnce); }).kind == ErrorKind::busy);
  { const Lock inner(std::move(none)); }
  CHECK_NOTHROW(Lock(b, Sharing::exclusive, kOnce));
  Lock on_a(a, Sharing::shared, kOnce);
  on_a = Lock();
  CHECK_NOTHROW(Lock(b, Sharing::exclusive, kOnce));
}

TEST_CASE("a timeout is kept, and says so") {
  const Scratch scratch;
  scratch.file("x");
  const File a = File::open(scratch.path(), Access::write);
  const File b = File::open(scratch.path(), Access::write);
  const Lock held(a, Sharing::exclusive, kOnce);
  int polls = 0;
  Error error(ErrorKind::io, "");
  const double waited = seconds_of([&] {
    error = error_of([&] { Lock(b, Sharing::shared, Wait{0.25, [&] { ++polls; }}); });
  });
  CHECK(error.kind == ErrorKind::busy);
  CHECK(error.message ==
        "the lock on '" + scratch.path() + "' did not come within 0.25 s");
  CHECK(waited >= 0.25);
  CHECK(waited < 5);
  CHECK(polls >= 5);
  if (test::kPausesShortly) CHECK(polls < 200);  // the pause grows: no busy loop
}

TEST_CASE("the poll function can end the wait") {
  const Scratch scratch;
  scratch.file("x");
  const File a = File::open(scratch.path(), Access::write);
  const File b = File::open(scratch.path(), Access::write);
  const Lock held(a, Sharing::exclusive, kOnce);
  int polls = 0;
  const Wait wait{-1, [&] {
                    if (++polls == 3) throw Interrupted{};
                  }};
  CHECK_THROWS_AS(Lock(b, Sharing::exclusive, wait), Interrupted);
  CHECK(polls == 3);
}

TEST_CASE("no lock, no work: a refusal of the system is an error of its own") {
  const Scratch scratch;
  scratch.file("x");
  File file = File::open(scratch.path(), Access::read);
  file.close();
  const Error error = error_of([&] { Lock(file, Sharing::shared, kOnce); });
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.cause == "EBADF");
  CHECK_FALSE(error.hint.empty());
}

#ifndef _WIN32
TEST_CASE("a lock that another process holds is waited for") {
  const Scratch scratch;
  scratch.file("x");
  test::Child child([&](test::Child& self) {
    const File file = File::open(scratch.path(), Access::write);
    const Lock lock(file, Sharing::exclusive, Wait{});
    self.ready();
    self.wait_for_release();
    ::usleep(100000);
    return 0;
  });
  child.wait_until_ready();
  const File file = File::open(scratch.path(), Access::write);
  CHECK(error_of([&] { Lock(file, Sharing::shared, kOnce); }).kind == ErrorKind::busy);
  const double waited = seconds_of([&] {
    child.release();
    CHECK(Lock(file, Sharing::exclusive, Wait{30, {}}).held());
  });
  CHECK(waited >= 0.1);
  CHECK(waited < 20);
  CHECK(child.exit_code() == 0);
}

TEST_CASE("a process that dies gives its lock back") {
  const Scratch scratch;
  scratch.file("x");
  test::Child child([&](test::Child& self) {
    const File file = File::open(scratch.path(), Access::write);
    const Lock lock(file, Sharing::exclusive, Wait{});
    self.ready();
    self.wait_for_release();
    return 0;
  });
  child.wait_until_ready();
  ::kill(child.id(), SIGKILL);
  CHECK(child.exit_code() == -SIGKILL);
  const File file = File::open(scratch.path(), Access::write);
  CHECK(Lock(file, Sharing::exclusive, Wait{10, {}}).held());
}

TEST_CASE("it is flock, the Python library's lock") {
  const Scratch scratch;
  scratch.file("x");
  const File file = File::open(scratch.path(), Access::write);
  const int other = ::open(scratch.path().c_str(), O_RDONLY);
  {
    const Lock lock(file, Sharing::shared, kOnce);
    CHECK(::flock(other, LOCK_EX | LOCK_NB) == -1);
    CHECK(::flock(other, LOCK_SH | LOCK_NB) == 0);
  }
  CHECK(::flock(other, LOCK_EX | LOCK_NB) == 0);
  CHECK(error_of([&] { Lock(file, Sharing::shared, kOnce); }).kind == ErrorKind::busy);
  ::close(other);
}

#ifdef __linux__
// By flock alone, as elsewhere, the lock would never be free: there is always one who
// shares it.
TEST_CASE("who locks all the time lets others in") {
  constexpr int kHogs = 4, kLocks = 30;
  constexpr std::uint64_t kPatience = 100000;
  for (const Sharing hogs : {Sharing::shared, Sharing::exclusive}) {
    const Scratch scratch;
    scratch.file("x");
    void* const shared =
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto& turns = *new (shared) std::atomic<std::uint64_t>(0);
    std::vector<std::unique_ptr<test::Child>> children;
    for (int i = 0; i < kHogs; ++i) {
      children.push_back(std::make_unique<test::Child>([&](test::Child& self) {
        const File file = File::open(scratch.path(), Access::write);
        os::Turns own;
        self.ready();
        while (turns < 2 * kPatience) {
          const Lock lock(file, hogs, Wait{-1, {}, &own});
          for (std::uint64_t i = 0, n = turns++; i < 20000; ++i) {
            if (turns == n) break;  // never: only to spend some time
          }
        }
        return 0;
      }));
      children.back()->wait_until_ready();
    }
    const File file = File::open(scratch.path(), Access::write);
    os::Turns own;
    int locks = 0;
    for (const std::uint64_t first = turns; locks < kLocks && turns - first < kPatience;
         ++locks) {
      const Lock lock(file, Sharing::exclusive, Wait{-1, {}, &own});
    }
    CHECK(locks == kLocks);
    children.clear();
    ::munmap(shared, 4096);
  }
}
#endif
#endif
