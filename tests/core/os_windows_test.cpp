// Windows' own ways with files. What these tests say of the system they ask by plain
// calls of it, so that a fault of Wine (where `make windows` runs them) is told from one
// of ours.
#ifdef _WIN32

#include <doctest/doctest.h>

#include "abilities.h"
#include "os/file.h"
#include "os/map.h"
#include "os/wide.h"
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

TEST_CASE("a path beyond 260 characters is absolute, and says that it is long") {
  using os::native::wide_path;
  const std::wstring name(200, L'n');
  const std::string text(200, 'n');
  CHECK(wide_path("c:/a/../" + text + "/x") == L"c:\\" + name + L"\\x");
  const std::wstring path = name + L"\\" + name;
  CHECK(wide_path("c:/a/./b/../../" + text + "/" + text) == L"\\\\?\\c:\\" + path);
  CHECK(wide_path("//server/share/" + text + "\\" + text) ==
        L"\\\\?\\UNC\\server\\share\\" + path);
  const std::string prefixed = "\\\\?\\c:\\" + text + "\\" + text;
  CHECK(wide_path(prefixed) == std::wstring(prefixed.begin(), prefixed.end()));
  CHECK(os::native::plain_path(wide_path("c:\\" + text + "\\" + text)) == L"c:\\" + path);
  CHECK(os::native::plain_path(wide_path("//server/share/" + text + "/" + text)) ==
        L"\\\\server\\share\\" + path);
  const std::wstring relative = wide_path(text + "/" + text);
  CHECK(relative.compare(0, 4, L"\\\\?\\") == 0);
  CHECK(relative.substr(relative.size() - path.size()) == path);
  // The longest that is given as it is, and the next one.
  CHECK(wide_path("c:\\" + std::string(256, 'n')).size() == 259);
  CHECK(wide_path("c:\\" + std::string(257, 'n')).size() == 264);
  CHECK(wide_path("").empty());
}

TEST_CASE("files whose paths are beyond 260 characters") {
  const Scratch scratch;
  std::vector<std::string> folders{scratch.folder()};
  for (int i = 0; i < 2; ++i) {
    folders.push_back(folders.back() + "\\" + std::string(120, 'd'));
    const std::wstring folder = os::native::wide_path(folders.back());
    REQUIRE(::CreateDirectoryW(folder.c_str(), nullptr) != 0);
  }
  const std::string path = folders.back() + "/x", other = folders.back() + "/y";
  File::open(path, Access::create_new).write_at(0, Bytes("old"));
  File::open(other, Access::create_new).write_at(0, Bytes("new!"));
  os::SystemCalls& system = os::real_system_calls();
  os::Status status;
  CHECK(system.status(path, status).error == 0);
  CHECK(status.size == 3);
  const std::string resolved = os::resolve(path);
  CHECK(resolved.find('?') == std::string::npos);
  CHECK(File::open(resolved, Access::read).status().identity == status.identity);
  CHECK(os::resolve(folders.back() + "/none") ==
        resolved.substr(0, resolved.size() - 1) + "none");
  CHECK(os::Mapping::of(File::open(path, Access::read), 3)->data()[2] == 'd');
  CHECK(system.rename_new(path, other).error != 0);
  os::rename(path, other, system);
  CHECK(File::open(other, Access::write).status().size == 3);
  CHECK(system.rename_new(other, path).error == 0);
  os::remove(path, system);
  CHECK(error_of([&] { File::open(path, Access::read); }).cause == "ENOENT");
  for (; folders.size() > 1; folders.pop_back()) {
    CHECK(::RemoveDirectoryW(os::native::wide_path(folders.back()).c_str()) != 0);
  }
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
