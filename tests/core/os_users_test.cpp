#ifdef __linux__

#include <doctest/doctest.h>

#include "child.h"
#include "os/file.h"
#include "os/map.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::File;
using test::Scratch;

namespace {

std::vector<std::uint64_t> users_of(const Scratch& scratch) {
  return os::users_of(File::open(scratch.path(), Access::read).status().identity);
}

}  // namespace

TEST_CASE("users_of: not this process") {
  const Scratch scratch;
  const File open = File::open(scratch.file("x"), Access::read);
  const auto mapping = os::Mapping::of(open, 1);
  CHECK(users_of(scratch).empty());
}

TEST_CASE("users_of: processes that have the file open, or only mapped") {
  const Scratch scratch;
  scratch.file("x", "other");
  scratch.file("x");
  const auto with_open_file = [&](const std::string& name) {
    return [&, name](test::Child& self) {
      const File file = File::open(scratch.path(name), Access::read);
      self.ready();
      self.wait_for_release();
      return 0;
    };
  };
  test::Child opens(with_open_file("file"));
  opens.wait_until_ready();
  test::Child maps([&](test::Child& self) {
    File file = File::open(scratch.path(), Access::read);
    const auto mapping = os::Mapping::of(file, 1);
    file.close();
    self.ready();
    self.wait_for_release();
    return 0;
  });
  maps.wait_until_ready();
  test::Child other(with_open_file("other"));
  other.wait_until_ready();

  std::vector<std::uint64_t> expected = {static_cast<std::uint64_t>(opens.id()),
                                         static_cast<std::uint64_t>(maps.id())};
  if (expected[0] > expected[1]) std::swap(expected[0], expected[1]);
  CHECK(users_of(scratch) == expected);
  opens.release();
  CHECK(opens.exit_code() == 0);
  maps.release();
  CHECK(maps.exit_code() == 0);
  CHECK(users_of(scratch).empty());
}

#endif
