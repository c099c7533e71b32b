#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <vector>

#include "abilities.h"
#include "child.h"
#include "os/guard.h"
#include "os/map.h"
#include "scratch.h"

#ifndef _WIN32
#include <signal.h>
#include <sys/resource.h>
#endif

using namespace mmappickle;
using os::Access;
using os::File;
using os::Mapping;
using test::contents;
using test::Scratch;

namespace {

std::uint8_t* writable(const Mapping& mapping, std::uint64_t offset) {
  return const_cast<std::uint8_t*>(mapping.at(offset));
}

}  // namespace

TEST_CASE("a mapping shows the file, and outlives it") {
  const Scratch scratch;
  auto file = File::open(scratch.file("0123456789"), Access::read);
  const auto mapping = Mapping::of(file, 10);
  CHECK(mapping->size() >= 10);
  CHECK(mapping->identity() == file.status().identity);
  CHECK(mapping->holds(mapping->data() + 9));
  CHECK_FALSE(mapping->holds(mapping->data() + mapping->size()));
  file.close();
#ifndef _WIN32
  os::remove(scratch.path(), os::real_system_calls());
#endif
  CHECK(Bytes(mapping->data(), 10).text() == "0123456789");
  CHECK_FALSE(mapping->damaged());
}

TEST_CASE("a range is its owner's: what is written there stays private") {
  const Scratch scratch;
  std::string text(200000, '.');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 26);
  File file = File::open(scratch.file(text), Access::write);
  const auto whole = Mapping::of(file, text.size());
  for (const std::uint64_t offset : {0, 1, 4095, 4096, 65536, 131071, 199999}) {
    const auto range = Mapping::of_range(file, offset, text.size() - offset, true);
    const auto other = Mapping::of_range(file, offset, 1, true);
    CHECK(range->begin() <= offset);
    CHECK(range->identity() == file.status().identity);
    CHECK(range->offset_of(range->at(offset)) == offset);
    CHECK(range->holds(range->at(text.size() - 1)));
    CHECK(Bytes(range->at(offset), text.size() - offset).text() == text.substr(offset));
    *writable(*range, offset) = '!';
    CHECK(*range->at(offset) == '!');
    CHECK(static_cast<char>(*other->at(offset)) == text[offset]);
    CHECK(static_cast<char>(whole->data()[offset]) == text[offset]);
  }
  CHECK(contents(scratch.path()) == text);
  for (const std::uint64_t size :
       {UINT64_MAX, UINT64_MAX - 4095, std::uint64_t{1} << 62}) {
    CHECK(test::error_of([&] { Mapping::of_range(file, 5000, size, true); }).kind ==
          ErrorKind::io);
  }
}

#if !defined(_WIN32) && !defined(MMAPPICKLE_SANITIZED)
TEST_CASE("nobody writes into the map that many read through") {
  const Scratch scratch;
  scratch.file("0123456789");
  test::Child child([&](test::Child&) {
    const auto mapping = Mapping::of(File::open(scratch.path(), Access::write), 10);
    ::signal(SIGSEGV, SIG_DFL);
    *writable(*mapping, 3) = 'x';
    return 0;
  });
  CHECK(child.exit_code() == -SIGSEGV);
}
#endif

TEST_CASE("an empty file can be mapped") {
  const Scratch scratch;
  const auto file = File::open(scratch.file(""), Access::read);
  const auto mapping = Mapping::of(file, 0);
  CHECK(mapping->data() != nullptr);
}

TEST_CASE("more than can be addressed is an error") {
  const Scratch scratch;
  const auto file = File::open(scratch.file("x"), Access::read);
  for (const std::uint64_t size :
       {UINT64_MAX, UINT64_MAX - 4096, UINT64_MAX / 2, std::uint64_t{1} << 62}) {
    CHECK(test::error_of([&] { Mapping::of(file, size); }).kind == ErrorKind::io);
  }
}

#ifdef __linux__
TEST_CASE("a mapping sees later writes and later growth") {
  const Scratch scratch;
  File file = File::open(scratch.file("0123456789"), Access::write);
  REQUIRE(os::real_system_calls().maps_follow_files());
  const auto mapping = Mapping::of(file, 10);
  file.write_at(2, Bytes("x"));
  CHECK(mapping->data()[2] == 'x');
  if (!test::kAddressesAbound) return;
  CHECK(mapping->size() >= std::uint64_t{1} << 30);
  const std::uint64_t far = 100 << 20;
  file.write_at(far, Bytes("grown"));
  CHECK(Bytes(mapping->data() + far, 5).text() == "grown");
  CHECK(mapping->data()[far - 1] == 0);
  CHECK_FALSE(mapping->damaged());
}

TEST_CASE("the slack is as large as the file" * doctest::skip(!test::kAddressesAbound)) {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  const std::uint64_t size = std::uint64_t{3} << 30;
  file.truncate(size);
  CHECK(Mapping::of(file, size)->size() == 2 * size);
  CHECK(Mapping::of(file, size + 1)->size() > 2 * size);
}

TEST_CASE("what is larger than all addresses is an error, and says so") {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  file.truncate(std::uint64_t{8} << 30);
  const std::uint64_t size = std::uint64_t{1} << (test::kAddressesAbound ? 62 : 33);
  CHECK_FALSE(Mapping::is_affordable(size));
  for (const auto& map :
       {std::function<void()>([&] { Mapping::of(file, size); }),
        std::function<void()>([&] { Mapping::shared(file, size); }),
        std::function<void()>([&] { Mapping::of_range(file, 4096, size, false); })}) {
    const Error error = test::error_of(map);
    CHECK(error.kind == ErrorKind::io);
    CHECK(error.cause == "ENOMEM");
    CHECK(error.path == scratch.path());
  }
  const std::uint64_t last = (std::uint64_t{8} << 30) - 4096;
  CHECK(*Mapping::of_range(file, last, 4096, false)->at(last) == 0);
}

TEST_CASE("1 TiB, sparse, is mapped at once" * doctest::skip(!test::kAddressesAbound)) {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  const std::uint64_t size = std::uint64_t{1} << 40;
  file.write_at(size - 4, Bytes("last"));
  const auto start = std::chrono::steady_clock::now();
  const auto mapping = Mapping::of(file, size);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  CHECK(took.count() < 0.1);
  CHECK(Bytes(mapping->data() + size - 4, 4).text() == "last");
  CHECK(mapping->data()[size / 2] == 0);
}

#ifndef MMAPPICKLE_SANITIZED
TEST_CASE("limits on memory: no slack, the same bytes") {
  const Scratch scratch;
  scratch.file("0123456789");
  test::Child child([&](test::Child&) {
    const rlim_t most = rlim_t{1} << (test::kAddressesAbound ? 36 : 30);
    const rlimit limit = {most, most};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return 90;
    const File file = File::open(scratch.path(), Access::write);
    const auto mapping = Mapping::of(file, 10);
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return mapping->size() == page && mapping->data()[9] == '9' ? 0 : 1;
  });
  CHECK(child.exit_code() == 0);
}

TEST_CASE("a limit on data is none on what is only read") {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  const rlim_t most = rlim_t{1} << (test::kAddressesAbound ? 32 : 28);
  const std::uint64_t size = 2 * most;
  file.truncate(size);
  test::Child child([&](test::Child&) {
    const rlimit limit = {most, most};
    if (::setrlimit(RLIMIT_DATA, &limit) != 0) return 90;
    if (Mapping::of(file, size)->data()[size - 1] != 0) return 1;
    const auto kind =
        test::error_of([&] { Mapping::of_range(file, 0, size, true); }).kind;
    return kind == ErrorKind::io ? 0 : 2;
  });
  CHECK(child.exit_code() == 0);
}
#endif
#endif
