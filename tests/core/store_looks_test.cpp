// Any call of any operation fails, those that only look at files, too, once or from then
// on: a clear error, the file as it was for everybody (or as it was to be), the handle
// good for more, and nothing left over: no descriptor, map, lock or file.
#include <doctest/doctest.h>

#ifndef _WIN32

#include "../../src/core/store/new_file.h"
#include "store_operations.h"

namespace mmappickle::store {
namespace {

// -- failures ---------------------------------------------------------------------------

struct Failure {
  const char* error;  // its name
  std::uint64_t lasting;
  bool partial;
  bool seen;  // by the caller
};
constexpr std::uint64_t kForEver = UINT64_MAX / 2;

// The codes differ in their names only: each is tried, not each in every way. What fails
// for ever is not torn: the small writes that commit stay inside a page, where no system
// tears them.
std::vector<Failure> failures(bool looks) {
  if (looks) {
    return {
        {"EIO", 0, false, true},
        {"EIO", kForEver, false, true},
        {"EINTR", 9, false, false},
        {"", kForEver, false, false},
    };
  }
  return {
      {"ENOSPC", 0, false, true}, {"ENOSPC", kForEver, false, true},
      {"EDQUOT", 0, true, true},  {"EIO", kForEver, false, true},
      {"EACCES", 0, false, true}, {"EINTR", 9, true, false},
      {"", 0, true, false},       {"", 0, false, false},
  };
}

// What a repair had put aside before it could not go on stays beside what the next one
// puts aside; and what could not be removed is left for good where it was not begun yet,
// or whole already.
Contents without_lost(Contents found) {
  for (auto at = found.begin(); at != found.end();) {
    const bool lost = at->first.find(".lost") != std::string::npos;
    const bool begun = at->second.compare(0, kUnfinished.size(), kUnfinished) == 0;
    at = lost || (is_hidden(at->first) && !begun) ? found.erase(at) : std::next(at);
  }
  return found;
}

// One failure at the n-th change or look of an operation. False: it makes fewer calls.
bool try_failure(const Seed& seed, const Operation& operation, const Contents& wanted,
                 const Failure& failure, bool looks, std::uint64_t n) {
  const Scratch scratch;
  seed.copy_to(scratch);
  const std::size_t open_before = descriptors();
  os::FaultySystemCalls system;
  system.keep_bytes = false;
  (looks ? system.fail_look_at : system.fail_at) = n;
  system.error = failure.error;
  system.lasting = failure.lasting;
  system.partial = failure.partial;
  Place place{scratch, system};
  bool failed = false;
  try {
    operation.make(place);
  } catch (const Error& error) {
    failed = true;
    CAPTURE(error.message);
    CHECK(failure.seen);
    CHECK(error.kind == ErrorKind::io);
    CHECK(error.cause == failure.error);
    CHECK(error.path.compare(0, scratch.folder().size(), scratch.folder()) == 0);
  }
  const bool reached = (looks ? system.looks : system.calls) >= n;
  if (!reached) CHECK_FALSE(failed);
  CHECK(descriptors() == open_before);
  CHECK(maps_in(scratch.folder()) == 0);

  const Contents after = look(scratch);
  system.fail_at = system.fail_look_at = 0;
  if (!failed) CHECK(after == wanted);
  Contents left = after;  // while the disk refuses all, what was begun may stay
  if (failed && failure.lasting > 0) {
    for (const auto& [name, bytes] : after) {
      const bool begun = is_hidden(name);
      if (begun) left.erase(name);
    }
    if (left != wanted) left = without_lost(left);
  }
  if (failed && operation.atomic) CHECK((left == seed.found || left == wanted));
  // Nobody holds a lock, the file takes writes, and the operation succeeds.
  Options now;
  now.lock_timeout = 0;
  put(*Store::open(scratch.path(), now), "more", 7);
  CHECK(values_of(scratch.path())["more"] == "i7");
  // (What was appended before the error would be appended twice.)
  const bool appended = operation.repeats && after == wanted;
  if (failed && !appended) operation.make(place);
  Contents again = look(scratch);
  again.erase("file/more");
  CHECK((failure.lasting > 0 ? without_lost(again) == without_lost(wanted)
                             : again == wanted));
  return reached;
}

void check_all(bool looks) {
  const Seed seed;
  std::size_t cases = 0;
  for (const Operation& operation : operations()) {
    const std::string name = operation.name;
    CAPTURE(name);
    const Contents wanted = seed.after(operation);
    for (const Failure& failure : failures(looks)) {
      CAPTURE(failure.error);
      CAPTURE(failure.lasting);
      CAPTURE(failure.partial);
      for (std::uint64_t n = 1;; ++n) {
        CAPTURE(n);
        REQUIRE(n < 300);
        ++cases;
        if (!try_failure(seed, operation, wanted, failure, looks, n)) break;
      }
    }
  }
  MESSAGE(cases << " failures");
}

TEST_CASE("any call that changes a file fails, once or from then on") {
  check_all(false);
}
TEST_CASE("any call that looks at a file fails, once or from then on") {
  check_all(true);
}

}  // namespace
}  // namespace mmappickle::store

#endif
