#include <doctest/doctest.h>

#include "child.h"
#include "os/file.h"
#include "os/system_calls.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::FaultySystemCalls;
using os::File;
using test::contents;
using test::error_of;
using test::Scratch;

namespace {

// Uses every call of the system calls once at least.
void work(const Scratch& scratch, os::SystemCalls& system) {
  File file = File::open(scratch.path("new"), Access::create_new, system);
  file.write_at(0, Bytes("hello, world"));
  file.write_at(12, Bytes("!!"));
  file.truncate(10000);
  file.sync();
  try {
    file.punch(4096, 4096);
  } catch (const Error& error) {  // not every file system has holes
    if (error.kind != ErrorKind::unsupported) throw;
  }
  const File like = File::open(scratch.path("like"), Access::read);
  os::copy_owner(like, file);
  file.write_at(7, Bytes("there"));
  os::rename(scratch.path("new"), scratch.path("target"), system);
  os::sync_folder_of(scratch.path("target"), system);
  os::remove(scratch.path("like"), system);
}
constexpr int kCalls = 11;

// What the recorded calls do to the bytes of the one file.
std::string replay(const std::vector<FaultySystemCalls::Call>& log, std::size_t calls) {
  std::string bytes;
  for (std::size_t i = 0; i < calls; ++i) {
    const FaultySystemCalls::Call& call = log[i];
    if (call.name == "write_at") {
      if (bytes.size() < call.offset + call.size) bytes.resize(call.offset + call.size);
      bytes.replace(call.offset, call.size,
                    std::string(call.bytes.begin(), call.bytes.end()));
    } else if (call.name == "truncate") {
      bytes.resize(call.size);
    }
  }
  return bytes;
}

std::string written(const Scratch& scratch) {
  const std::string target = contents(scratch.path("target"));
  return target.empty() ? contents(scratch.path("new")) : target;
}

}  // namespace

TEST_CASE("FaultySystemCalls records what is done") {
  const Scratch scratch;
  scratch.file("", "like");
  FaultySystemCalls system;
  work(scratch, system);
  REQUIRE(system.log.size() == kCalls);
  const char* names[] = {"create", "write_at",    "write_at",   "truncate",
                         "sync",   "punch",       "copy_owner", "write_at",
                         "rename", "sync_folder", "remove"};
  for (int i = 0; i < kCalls; ++i) {
    CHECK(system.log[static_cast<std::size_t>(i)].name == names[i]);
  }
  CHECK(system.log[0].path == scratch.path("new"));
  CHECK(system.log[2].offset == 12);
  CHECK(system.log[2].size == 2);
  CHECK(system.log[3].size == 10000);
  CHECK(system.log[5].offset == 4096);
  CHECK(system.log[5].size == 4096);
  CHECK(system.log[8].to == scratch.path("target"));
  CHECK(replay(system.log, system.log.size()) == contents(scratch.path("target")));
  CHECK(contents(scratch.path("target")).substr(0, 14) == "hello, there!!");
}

TEST_CASE("FaultySystemCalls: the n-th call alone fails, for every n until all succeed") {
  int n = 1;
  for (;; ++n) {
    REQUIRE(n < 100);
    const Scratch scratch;
    scratch.file("", "like");
    FaultySystemCalls system;
    system.fail_at = static_cast<std::uint64_t>(n);
    system.error = "ENOSPC";
    const Error error = error_of([&] { work(scratch, system); });
    if (error.message == "nothing was thrown") break;
    CAPTURE(error.message);
    CHECK(error.kind == ErrorKind::io);
    CHECK(error.cause == "ENOSPC");
    CHECK(system.log.size() == static_cast<std::size_t>(n - 1));
    CHECK(replay(system.log, system.log.size()) == written(scratch));
    // That call alone: it works when tried again.
    const bool created = n > 1;
    if (!created)
      CHECK_NOTHROW(File::open(scratch.path("x"), Access::create_new, system));
  }
  CHECK(n == kCalls + 1);
}

TEST_CASE("FaultySystemCalls: a write that fails half-way") {
  const Scratch scratch;
  FaultySystemCalls system;
  File file = File::open(scratch.path(), Access::create_new, system);
  system.partial = true;
  system.fail_at = 2;
  CHECK(error_of([&] { file.write_at(0, Bytes("0123456789")); }).kind == ErrorKind::io);
  CHECK(contents(scratch.path()) == "01234");
  CHECK(replay(system.log, system.log.size()) == "01234");
  file.write_at(5, Bytes("abc"));
  CHECK(contents(scratch.path()) == "01234abc");
}

TEST_CASE("FaultySystemCalls: bytes need not be kept") {
  const Scratch scratch;
  FaultySystemCalls system;
  system.keep_bytes = false;
  File file = File::open(scratch.path(), Access::create_new, system);
  file.write_at(0, Bytes("0123456789"));
  CHECK(system.log.back().size == 10);
  CHECK(system.log.back().bytes.empty());
}

#ifndef _WIN32
TEST_CASE(
    "FaultySystemCalls: killed before the n-th call, the file holds what was done") {
  const Scratch model;
  model.file("", "like");
  FaultySystemCalls recorded;
  work(model, recorded);
  for (const bool partial : {false, true}) {
    for (int n = 1; n <= kCalls; ++n) {
      CAPTURE(n);
      const Scratch scratch;
      scratch.file("", "like");
      test::Child child([&](test::Child&) {
        FaultySystemCalls system;
        system.kill_at = static_cast<std::uint64_t>(n);
        system.partial = partial;
        work(scratch, system);
        return 0;
      });
      CHECK(child.exit_code() == -SIGKILL);
      const auto done = static_cast<std::size_t>(n - 1);
      std::vector<FaultySystemCalls::Call> log(recorded.log.begin(),
                                               recorded.log.begin() + n);
      log[done].size /= 2;
      log[done].bytes.resize(log[done].bytes.size() / 2);
      const bool torn = partial && log[done].name == "write_at";
      CHECK(written(scratch) == replay(log, torn ? done + 1 : done));
    }
  }
}
#endif
