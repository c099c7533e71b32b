#include <doctest/doctest.h>

#include <filesystem>

#include "../../src/core/store/replace.h"
#include "child.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const Scratch& scratch) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(scratch.folder()), fs::directory_iterator()));
}

void replace(const std::string& path, const std::string& bytes,
             os::SystemCalls& system = os::real_system_calls()) {
  replace_file(path, system, {}, [&](Appender& out) { out.put(Bytes(bytes)); });
}

TEST_CASE("replace: a new file, and one in the place of another") {
  const Scratch scratch;
  replace(scratch.path(), "first");
  CHECK(contents(scratch.path()) == "first");
  replace(scratch.path(), "2nd");
  CHECK(contents(scratch.path()) == "2nd");
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("replace: the n-th call fails, and the old file is as it was") {
  for (const bool exists : {false, true}) {
    for (const bool partial : {false, true}) {
      for (std::uint64_t n = 1;; ++n) {
        CAPTURE(n);
        REQUIRE(n < 20);
        const Scratch scratch;
        if (exists) scratch.file("old");
        os::FaultySystemCalls system;
        system.fail_at = n;
        system.error = "ENOSPC";
        system.partial = partial;
        bool failed = false;
        try {
          replace(scratch.path(), "new", system);
        } catch (const Error& error) {
          failed = true;
          CHECK(error.kind == ErrorKind::io);
          CHECK(error.cause == "ENOSPC");
          CHECK(error.path == scratch.path());
        }
        CHECK(contents(scratch.path()) == (!failed ? "new" : exists ? "old" : ""));
        CHECK(files_in(scratch) == (!failed || exists ? 1 : 0));
        if (system.calls < n) break;
        // The last call brings the folder to disk: the file is in its place by then.
        const std::string& last = system.log.empty() ? "" : system.log.back().name;
        CHECK((failed || last == "rename" || last == "copy_owner" || last == "sync"));
      }
    }
  }
}

TEST_CASE("replace: what is brought to disk, before it takes the place of anything") {
  for (const bool exists : {false, true}) {
    for (const Sync sync : {Sync::always, Sync::for_old}) {
      CAPTURE(exists);
      const bool always = sync == Sync::always;
      const Scratch scratch;
      if (exists) scratch.file("old");
      os::FaultySystemCalls system;
      const auto put = [](Appender& out) { out.put(Bytes(std::string(100000, 'x'))); };
      replace_file(scratch.path(), system, {}, put, {}, sync);
      bool dirty = false, renamed_dirty = false;
      int syncs = 0;
      for (const auto& call : system.log) {
        if (call.name == "write_at") dirty = true;
        if (call.name == "rename") renamed_dirty = dirty;
        if (call.name != "sync") continue;
        dirty = false;
        ++syncs;
      }
      CHECK(renamed_dirty == !(exists || always));
      CHECK((syncs == 0) == renamed_dirty);
      CHECK((system.log.back().name == "rename") == !always);
    }
  }
}

TEST_CASE("replace: what the caller throws passes") {
  const Scratch scratch;
  scratch.file("old");
  CHECK_THROWS_AS(replace_file(scratch.path(), os::real_system_calls(), {},
                               [](Appender& out) {
                                 out.put(Bytes(std::string(1 << 17, 'x')));
                                 throw Interrupted{};
                               }),
                  Interrupted);
  CHECK(contents(scratch.path()) == "old");
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("replace: what cannot be replaced") {
  const Scratch scratch;
  const Error folder = error_of([&] { replace(scratch.folder(), "x"); });
  CHECK(folder.cause == "EISDIR");
  const Error missing = error_of([&] { replace(scratch.path("no/file"), "x"); });
  CHECK(missing.kind == ErrorKind::io);
  CHECK(missing.cause == "ENOENT");
  CHECK(missing.path == scratch.path("no/file"));
}

#ifndef _WIN32

TEST_CASE("replace: mode and links stay") {
  const Scratch scratch;
  scratch.file("old", "target");
  const fs::perms mode = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(scratch.path("target"), mode);
  fs::create_symlink("target", scratch.path("link"));
  fs::create_symlink("to-be-made", scratch.path("dangling"));
  replace(scratch.path("link"), "new");
  CHECK(fs::is_symlink(scratch.path("link")));
  CHECK(contents(scratch.path("target")) == "new");
  CHECK(fs::status(scratch.path("target")).permissions() == mode);
  replace(scratch.path("dangling"), "made");
  CHECK(fs::is_symlink(scratch.path("dangling")));
  CHECK(contents(scratch.path("to-be-made")) == "made");
  CHECK(error_of([&] { replace("/dev/null", "x"); }).cause == "EINVAL");
}

TEST_CASE("replace: the process is killed before the n-th call") {
  for (std::uint64_t n = 1;; ++n) {
    REQUIRE(n < 20);
    const Scratch scratch;
    scratch.file("old");
    test::Child child([&](test::Child&) {
      os::FaultySystemCalls system;
      system.kill_at = n;
      replace(scratch.path(), "new", system);
      return 0;
    });
    const bool finished = child.exit_code() == 0;
    const std::string after = contents(scratch.path());
    CHECK((after == "new" || (!finished && after == "old")));
    replace(scratch.path(), "again");
    CHECK(contents(scratch.path()) == "again");
    if (finished) break;
  }
}

#endif

}  // namespace
}  // namespace mmappickle::store
