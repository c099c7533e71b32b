// Any allocation of any operation fails: std::bad_alloc comes out, the file is as it was
// or as it was to be, the next attempt succeeds, and nothing is left over.
#include <doctest/doctest.h>

#ifndef _WIN32

#include <cstdlib>
#include <new>

#include "store_operations.h"

namespace {

// Allocations since it was armed; the `fail_at`-th fails.
struct {
  std::uint64_t count = 0, fail_at = 0;
  bool armed = false;
} allocations;

void* allocate(std::size_t n) {
  if (allocations.armed && ++allocations.count == allocations.fail_at) return nullptr;
  return std::malloc(n == 0 ? 1 : n);
}

void* allocate_or_throw(std::size_t n) {
  void* at = allocate(n);
  if (at == nullptr) throw std::bad_alloc();
  return at;
}

}  // namespace

void* operator new(std::size_t n) { return allocate_or_throw(n); }
void* operator new[](std::size_t n) { return allocate_or_throw(n); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept { return allocate(n); }
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept {
  return allocate(n);
}
void operator delete(void* at) noexcept { std::free(at); }
void operator delete[](void* at) noexcept { std::free(at); }
void operator delete(void* at, std::size_t) noexcept { std::free(at); }
void operator delete[](void* at, std::size_t) noexcept { std::free(at); }
void operator delete(void* at, const std::nothrow_t&) noexcept { std::free(at); }
void operator delete[](void* at, const std::nothrow_t&) noexcept { std::free(at); }

namespace mmappickle::store {
namespace {

// One failure at the n-th allocation of an operation. False: it makes fewer.
bool try_failure(const Seed& seed, const Operation& operation, const Contents& wanted,
                 std::uint64_t n) {
  const Scratch scratch;
  seed.copy_to(scratch);
  const std::size_t open_before = descriptors();
  Place place{scratch, os::real_system_calls()};
  bool failed = false;
  allocations = {0, n, true};
  try {
    operation.make(place);
  } catch (const std::bad_alloc&) {
    failed = true;
  }
  allocations.armed = false;
  const bool reached = allocations.count >= n;
  CHECK((reached || !failed));
  CHECK(descriptors() == open_before);
  CHECK(maps_in(scratch.folder()) == 0);
  Contents after = look(scratch);
  if (!failed) CHECK(after == wanted);
  if (operation.atomic) CHECK((after == seed.found || after == wanted));
  if (failed && !(operation.repeats && after == wanted)) {
    operation.make(place);
    CHECK(look(scratch) == wanted);
  }
  CHECK(fsck(scratch.path(), false, Options{}).keys >= 3);
  return reached;
}

TEST_CASE("any allocation fails") {
  const Seed seed;
  std::size_t cases = 0;
  for (const Operation& operation : operations()) {
    const std::string name = operation.name;
    CAPTURE(name);
    const Contents wanted = seed.after(operation);
    // Each of the first, then ever fewer: an operation makes thousands.
    for (std::uint64_t n = 1;; n += 1 + n / 40) {
      CAPTURE(n);
      ++cases;
      if (!try_failure(seed, operation, wanted, n)) break;
    }
  }
  MESSAGE(cases << " failures");
}

}  // namespace
}  // namespace mmappickle::store

#endif
