#include <doctest/doctest.h>

#include "child.h"
#include "os/file.h"
#include "os/seam.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::FaultySeam;
using os::File;
using test::contents;
using test::error_of;
using test::Scratch;

namespace {

// Uses every call of the seam once at least.
void work(const Scratch& scratch, os::Seam& seam) {
  File file = File::open(scratch.path("new"), Access::create_new, seam);
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
  os::rename(scratch.path("new"), scratch.path("target"), seam);
  os::sync_folder_of(scratch.path("target"), seam);
  os::remove(scratch.path("like"), seam);
}
constexpr int kCalls = 11;

// What the recorded calls do to the bytes of the one file.
std::string replay(const std::vector<FaultySeam::Call>& log, std::size_t calls) {
  std::string bytes;
  for (std::size_t i = 0; i < calls; ++i) {
    const FaultySeam::Call& call = log[i];
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

TEST_CASE("FaultySeam records what is done") {
  const Scratch scratch;
  scratch.file("", "like");
  FaultySeam seam;
  work(scratch, seam);
  REQUIRE(seam.log.size() == kCalls);
  const char* names[] = {"create", "write_at",    "write_at",   "truncate",
                         "sync",   "punch",       "copy_owner", "write_at",
                         "rename", "sync_folder", "remove"};
  for (int i = 0; i < kCalls; ++i) {
    CHECK(seam.log[static_cast<std::size_t>(i)].name == names[i]);
  }
  CHECK(seam.log[0].path == scratch.path("new"));
  CHECK(seam.log[2].offset == 12);
  CHECK(seam.log[2].size == 2);
  CHECK(seam.log[3].size == 10000);
  CHECK(seam.log[5].offset == 4096);
  CHECK(seam.log[5].size == 4096);
  CHECK(seam.log[8].to == scratch.path("target"));
  CHECK(replay(seam.log, seam.log.size()) == contents(scratch.path("target")));
  CHECK(contents(scratch.path("target")).substr(0, 14) == "hello, there!!");
}

TEST_CASE("FaultySeam: the n-th call alone fails, for every n until all succeed") {
  int n = 1;
  for (;; ++n) {
    REQUIRE(n < 100);
    const Scratch scratch;
    scratch.file("", "like");
    FaultySeam seam;
    seam.fail_at = static_cast<std::uint64_t>(n);
    seam.error = test::kDiskFull;
    const Error error = error_of([&] { work(scratch, seam); });
    if (error.message == "nothing was thrown") break;
    CAPTURE(error.message);
    CHECK(error.kind == ErrorKind::io);
    CHECK(error.cause == "ENOSPC");
    CHECK(seam.log.size() == static_cast<std::size_t>(n - 1));
    CHECK(replay(seam.log, seam.log.size()) == written(scratch));
    // That call alone: it works when tried again.
    const bool created = n > 1;
    if (!created) CHECK_NOTHROW(File::open(scratch.path("x"), Access::create_new, seam));
  }
  CHECK(n == kCalls + 1);
}

TEST_CASE("FaultySeam: a write that fails half-way") {
  const Scratch scratch;
  FaultySeam seam;
  File file = File::open(scratch.path(), Access::create_new, seam);
  seam.partial = true;
  seam.fail_at = 2;
  CHECK(error_of([&] { file.write_at(0, Bytes("0123456789")); }).kind == ErrorKind::io);
  CHECK(contents(scratch.path()) == "01234");
  CHECK(replay(seam.log, seam.log.size()) == "01234");
  file.write_at(5, Bytes("abc"));
  CHECK(contents(scratch.path()) == "01234abc");
}

TEST_CASE("FaultySeam: bytes need not be kept") {
  const Scratch scratch;
  FaultySeam seam;
  seam.keep_bytes = false;
  File file = File::open(scratch.path(), Access::create_new, seam);
  file.write_at(0, Bytes("0123456789"));
  CHECK(seam.log.back().size == 10);
  CHECK(seam.log.back().bytes.empty());
}

#ifndef _WIN32
TEST_CASE("FaultySeam: killed before the n-th call, the file holds what was done") {
  const Scratch model;
  model.file("", "like");
  FaultySeam recorded;
  work(model, recorded);
  for (const bool partial : {false, true}) {
    for (int n = 1; n <= kCalls; ++n) {
      CAPTURE(n);
      const Scratch scratch;
      scratch.file("", "like");
      test::Child child([&](test::Child&) {
        FaultySeam seam;
        seam.kill_at = static_cast<std::uint64_t>(n);
        seam.partial = partial;
        work(scratch, seam);
        return 0;
      });
      CHECK(child.exit_code() == -SIGKILL);
      const auto done = static_cast<std::size_t>(n - 1);
      std::vector<FaultySeam::Call> log(recorded.log.begin(), recorded.log.begin() + n);
      log[done].size /= 2;
      log[done].bytes.resize(log[done].bytes.size() / 2);
      const bool torn = partial && log[done].name == "write_at";
      CHECK(written(scratch) == replay(log, torn ? done + 1 : done));
    }
  }
}
#endif
