// Windows' own ways with files. What these tests say of the system they ask by plain
// calls of it, so that a fault of Wine (where `make windows` runs them) is told from one
// of ours.
#ifdef _WIN32

#include <doctest/doctest.h>

#include "abilities.h"
#include "os/file.h"
#include "os/map.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::File;
using test::contents;
using test::error_of;
using test::Scratch;

namespace {

std::wstring wide(const std::string& path) {
  return std::filesystem::path(path).wstring();
}

bool moves_over(const std::string& from, const std::string& to) {
  return ::MoveFileExW(wide(from).c_str(), wide(to).c_str(), MOVEFILE_REPLACE_EXISTING) !=
         0;
}

}  // namespace

TEST_CASE("the system replaces no file that is mapped; nor do we, and say so") {
  const Scratch scratch;
  const std::string to = scratch.file("old", "to"), from = scratch.file("new", "from");
  {
    const auto mapping = os::Mapping::of(File::open(to, Access::read), 3);
    CHECK_FALSE(moves_over(from, to));
    const Error error = error_of([&] { os::rename(from, to, os::real_system_calls()); });
    CHECK(error.kind == ErrorKind::busy);
    CHECK(error.cause == "EBUSY");
    CHECK_FALSE(error.hint.empty());
    CHECK(Bytes(mapping->data(), 3).text() == "old");
    CHECK(contents(from) == "new");
  }
  CHECK_NOTHROW(os::rename(from, to, os::real_system_calls()));
  CHECK(contents(to) == "new");
}

TEST_CASE("a file that is open is replaced as POSIX does it, or busy") {
  const Scratch scratch;
  const std::string to = scratch.file("old", "to"), from = scratch.file("new", "from");
  bool replaced = true;
  {
    const File open = File::open(to, Access::write);
    CHECK_FALSE(moves_over(from, to));
    try {
      os::rename(from, to, os::real_system_calls());
    } catch (const Error& error) {
      CHECK(error.kind == ErrorKind::busy);
      replaced = false;
    }
    std::uint8_t bytes[3];
    open.read_at(0, bytes, 3);
    CHECK(Bytes(bytes, 3).text() == "old");
  }
  MESSAGE("a file that is open is " << (replaced ? "replaced" : "busy") << " here");
  if (!replaced) os::rename(from, to, os::real_system_calls());
  CHECK(contents(to) == "new");
}

TEST_CASE("what tests are left out here is said") {
  if (!test::replaces_open_files()) {
    MESSAGE("no file that is open is replaced, as Wine does: such tests are left out");
  }
  if (!test::kChangesMappedFiles) {
    MESSAGE("no file that is mapped can be changed: such tests are left out");
  }
}

TEST_CASE("a file that is open, and shared with nobody, is busy") {
  const Scratch scratch;
  const std::string to = scratch.file("old", "to"), from = scratch.file("new", "from");
  const HANDLE open = ::CreateFileW(wide(to).c_str(), GENERIC_READ, FILE_SHARE_READ,
                                    nullptr, OPEN_EXISTING, 0, nullptr);
  REQUIRE(open != INVALID_HANDLE_VALUE);
  CHECK(error_of([&] { os::rename(from, to, os::real_system_calls()); }).kind ==
        ErrorKind::busy);
  ::CloseHandle(open);
  CHECK_NOTHROW(os::rename(from, to, os::real_system_calls()));
}

TEST_CASE("what is read-only, or a folder, is not busy") {
  const Scratch scratch;
  const std::string to = scratch.file("old", "to"), from = scratch.file("new", "from");
  REQUIRE(::SetFileAttributesW(wide(to).c_str(), FILE_ATTRIBUTE_READONLY) != 0);
  const auto kind = [&](const std::string& target) {
    return error_of([&] { os::rename(from, target, os::real_system_calls()); }).kind;
  };
  CHECK(kind(scratch.folder()) == ErrorKind::io);
  CHECK(kind(scratch.path("no") + "\\x") == ErrorKind::io);
  ::SetFileAttributesW(wide(to).c_str(), FILE_ATTRIBUTE_NORMAL);
  CHECK(contents(from) == "new");
}

TEST_CASE("a hole is made, or said to be impossible") {
  const Scratch scratch;
  File file = File::open(scratch.file(std::string(8192, 'x')), Access::write);
  const unsigned long refusal = test::error_of_zero_data();
  if (refusal == 0) {
    file.punch(0, 4096);
    CHECK(contents(scratch.path()) == std::string(4096, '\0') + std::string(4096, 'x'));
    return;
  }
  MESSAGE("the system refuses FSCTL_SET_ZERO_DATA (error "
          << refusal << "), as Wine does: tests of holes are left out");
  CHECK(error_of([&] { file.punch(0, 4096); }).kind == ErrorKind::unsupported);
  CHECK(contents(scratch.path()) == std::string(8192, 'x'));
}

#endif
