// Parts of a file that are written over, through a map or by writes: against a string.
#ifndef _WIN32

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <random>
#include <thread>

#include "child.h"
#include "os/guard.h"
#include "os/overwriter.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::FaultySystemCalls;
using os::File;
using os::Guard;
using os::Overwriter;
using test::contents;
using test::error_of;
using test::Scratch;

namespace {

struct Installed {
  Installed() { Guard::install(); }
  ~Installed() { Guard::remove(); }
};

// Writes only.
class WithoutMaps : public FaultySystemCalls {
 public:
  bool maps_follow_files() override { return false; }
};

// What is written, and a string that it is written to.
struct Patch {
  std::vector<Run> list;
  std::vector<std::uint8_t> bytes;

  void add(std::uint64_t at, std::uint64_t size, std::uint64_t count = 1,
           std::int64_t step = 0) {
    list.push_back({at, size, count, step});
    for (std::uint64_t i = 0; i < size * count; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(bytes.size() * 7 + 1));
    }
  }
  std::uint64_t pieces() const {
    std::uint64_t pieces = 0;
    for (const Run& run : list) pieces += run.count;
    return pieces;
  }
  Runs runs() const { return {list.data(), list.size(), bytes.data()}; }
  void apply(std::string& to) const {
    const std::uint8_t* from = bytes.data();
    for (const Run& run : list) {
      for (std::uint64_t i = 0; i < run.size * run.count; ++i) {
        const std::int64_t step = run.step * static_cast<std::int64_t>(i / run.size);
        to[run.at + static_cast<std::uint64_t>(step) + i % run.size] =
            static_cast<char>(*from++);
      }
    }
  }
};

Patch every(std::uint64_t step, std::uint64_t size, std::uint64_t end) {
  Patch patch;
  for (std::uint64_t at = 0; at + size <= end; at += step) patch.add(at, size);
  return patch;
}

struct Written {
  explicit Written(std::string bytes, os::SystemCalls& system = os::real_system_calls())
      : expected(std::move(bytes)),
        path(scratch.file(expected)),
        file(File::open(path, Access::write, system)) {}
  void write(const Patch& patch) {
    overwriter.write(file, file.status().identity, expected.size(), patch.runs());
    patch.apply(expected);
    CHECK((contents(path) == expected));
  }
  const Scratch scratch;
  std::string expected;
  const std::string path;
  File file;
  Overwriter overwriter;
};

// Elsewhere than on Linux all is written.
bool stores() { return os::real_system_calls().maps_follow_files(); }

std::size_t writes_in(const FaultySystemCalls& system) {
  return static_cast<std::size_t>(system.calls);
}

}  // namespace

TEST_CASE("runs of every size and order, by stores and by writes") {
  const Installed guard;
  std::mt19937 random(3);
  FaultySystemCalls mapped;
  WithoutMaps unmapped;
  for (FaultySystemCalls* system :
       {&mapped, static_cast<FaultySystemCalls*>(&unmapped)}) {
    Written w(std::string(100000, '.'), *system);
    for (int round = 0; round < 60; ++round) {
      Patch patch;
      const std::uint64_t sizes[] = {1, 2, 3, 4, 8, 16, 17, 1 + random() % 5000};
      const std::uint64_t of = sizes[random() % 8];
      for (std::uint64_t n = random() % 50; n > 0; --n) {
        const std::uint64_t size = random() % 4 ? of : sizes[random() % 8];
        const std::uint64_t at = random() % (w.expected.size() - size);
        const auto step = static_cast<std::int64_t>(random() % 2000) - 1000;
        // As many as fit on that side.
        const std::uint64_t room = step < 0 ? at : w.expected.size() - size - at;
        const std::uint64_t most =
            1 + (step == 0 ? 3 : room / static_cast<std::uint64_t>(std::abs(step)));
        patch.add(at, size,
                  random() % 3 ? 1 : 1 + random() % std::min<std::uint64_t>(most, 50),
                  step);
      }
      const std::uint64_t before = system->calls;
      w.write(patch);
      // A write for the file's times, and a store; or a write each.
      const bool stored =
          stores() && system == &mapped && patch.pieces() >= Overwriter::kMany;
      CHECK(system->calls - before == (stored ? 2 : patch.pieces()));
    }
  }
}

TEST_CASE("the file's times move, also when its pages are dirty already") {
  const Installed guard;
  Written w(std::string(100000, '.'));
  for (int round = 0; round < 3; ++round) {
    const struct timespec times[2] = {{1000, 0}, {1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, w.path.c_str(), times, 0) == 0);
    w.write(every(1000, 8, 100000));
    CHECK(w.file.status().mtime_ns > 1000000000000);
  }
}

TEST_CASE("no map is written through without the guard, over a limit, or into holes") {
  FaultySystemCalls system;
  const Patch patch = every(4096, 8, 1 << 18);
  {
    Written w(std::string(1 << 18, '.'), system);
    w.write(patch);
    CHECK(writes_in(system) == patch.list.size());
    const Installed guard;
    system.calls = 0;
    w.write(patch);
    CHECK(writes_in(system) == (stores() ? 2 : patch.list.size()));
  }
  const Installed guard;
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new, system);
  file.truncate(1 << 20);
  system.calls = 0;
  Overwriter overwriter;
  overwriter.write(file, file.status().identity, 1 << 20, patch.runs());
  CHECK(writes_in(system) == patch.list.size());
  std::string expected(1 << 20, '\0');
  patch.apply(expected);
  CHECK((contents(scratch.path()) == expected));

  class Limited : public FaultySystemCalls {
   public:
    std::uint64_t largest_file() override { return 100000; }
  } limited;
  Written l(std::string(1 << 18, '.'), limited);
  const Error error = error_of([&] { l.write(patch); });
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.cause == "EFBIG");
}

TEST_CASE("another file has another map") {
  const Installed guard;
  Written a(std::string(1 << 16, 'a')), b(std::string(1 << 16, 'b'));
  const Patch patch = every(1000, 4, 1 << 16);
  a.write(patch);
  b.overwriter = std::move(a.overwriter);
  b.write(patch);
  CHECK((contents(a.path) == a.expected));
}

TEST_CASE("each call fails once: an error, and nothing beside the runs is changed") {
  const Installed guard;
  const Patch patch = every(5000, 8, 100000);
  for (const bool partial : {false, true}) {
    bool done = false;
    for (std::uint64_t n = 1; !done; ++n) {
      REQUIRE(n < 30);
      FaultySystemCalls system;
      system.partial = partial;
      Written w(std::string(100000, '.'), system);
      system.calls = 0;
      system.fail_at = n;
      const Error error = error_of([&] { w.write(patch); });
      done = system.calls < n;
      CHECK((error.kind == ErrorKind::io) == !done);
      std::string all = w.expected;
      patch.apply(all);
      const std::string now = contents(w.path);
      REQUIRE(now.size() == all.size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (now[i] != '.' && now[i] != all[i]) FAIL(i);
      }
    }
  }
  for (std::uint64_t n = 1; n < 8; ++n) {  // no map: writes
    FaultySystemCalls system;
    Written w(std::string(100000, '.'), system);
    system.looks = 0;
    system.fail_look_at = n;
    try {
      w.write(patch);
    } catch (const Error& error) {
      CHECK(error.kind == ErrorKind::io);
    }
  }
}

#ifdef __linux__
TEST_CASE("a file that is cut meanwhile is an error, and does not grow again") {
  const Installed guard;
  for (const std::uint64_t left : {0, 4096, 99999}) {
    // Cut between the session's look at the file and its stores.
    class Cutting : public os::SystemCalls {
     public:
      std::string path;
      std::uint64_t left = 0;
      os::Outcome store(std::uint8_t* map, const Runs& runs) override {
        std::filesystem::resize_file(path, left);
        return SystemCalls::store(map, runs);
      }
    } system;
    Written w(std::string(100000, '.'), system);
    system.path = w.path;
    system.left = left;
    const Patch patch = every(100, 100, 100000);
    CHECK(error_of([&] { w.write(patch); }).kind == ErrorKind::stale);
    CHECK(std::filesystem::file_size(w.path) == left);
  }
}

// As on a full disk, or one that fails.
TEST_CASE("what no page can be had for is written, so that an error says why") {
  const Installed guard;
  class WithoutPages : public FaultySystemCalls {
   public:
    std::string path;
    os::Outcome store(std::uint8_t* map, const Runs& runs) override {
      ++calls;
      std::filesystem::resize_file(path, 0);
      const os::Outcome outcome = SystemCalls::store(map, runs);
      std::filesystem::resize_file(path, 100000);
      return outcome;
    }
  } system;
  const Patch patch = every(1000, 8, 100000);
  for (const bool fails : {false, true}) {
    Written w(std::string(100000, '\0'), system);
    system.path = w.path;
    system.calls = 0;
    system.error = "ENOSPC";
    system.fail_at = fails ? 3 : 0;
    const Error error = error_of([&] {
      w.overwriter.write(w.file, w.file.status().identity, 100000, patch.runs());
    });
    if (fails) {
      CHECK(error.cause == "ENOSPC");
    } else {
      patch.apply(w.expected);
      // The first run went with the file that was cut.
      CHECK((contents(w.path).substr(8) == w.expected.substr(8)));
    }
  }
}

#endif

TEST_CASE("bytes between the runs may be written by others at the same time") {
  const Installed guard;
  constexpr std::uint64_t kSize = 1 << 16, kStep = 16;
  Written w(std::string(kSize, '\0'));
  // Another process, through a map of its own, counts up in every other item of 8 bytes.
  test::Child other([&](test::Child& self) {
    const int file = ::open(w.path.c_str(), O_RDWR);
    std::uint8_t* at = nullptr;
    if (os::real_system_calls().map_shared(file, kSize, at).error != 0) return 1;
    self.ready();
    for (std::uint64_t round = 1; round <= 300; ++round) {
      for (std::uint64_t i = 8; i < kSize; i += kStep) {
        std::uint64_t seen;
        std::memcpy(&seen, at + i, 8);
        if (seen != round - 1) return 2;
        std::memcpy(at + i, &round, 8);
      }
    }
    return 0;
  });
  other.wait_until_ready();
  const Patch patch = every(kStep, 8, kSize);
  for (int round = 0; round < 300; ++round) {
    w.overwriter.write(w.file, w.file.status().identity, kSize, patch.runs());
  }
  CHECK(other.finish() == 0);
  patch.apply(w.expected);
  const std::string now = contents(w.path);
  for (std::uint64_t i = 0; i < kSize; i += kStep) {
    if (now.compare(i, 8, w.expected, i, 8) != 0) FAIL(i);
  }
}

#endif
