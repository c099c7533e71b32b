#include <doctest/doctest.h>

#include "child.h"
#include "os/file.h"
#include "scratch.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#endif

using namespace mmappickle;
using os::Access;
using os::File;
using test::code_of;
using test::contents;
using test::error_of;
using test::Scratch;

namespace {

// Writes at most 3 bytes at a time, and is interrupted every other time.
class StutteringSystemCalls : public os::SystemCalls {
 public:
  int calls = 0;
  os::Outcome write_at(os::Native file, const std::uint8_t* bytes, std::uint64_t n,
                       std::uint64_t offset) override {
    if (++calls % 2 == 1) return {code_of("EINTR"), 0};
    return SystemCalls::write_at(file, bytes, n < 3 ? n : 3, offset);
  }
  os::Outcome truncate(os::Native file, std::uint64_t size) override {
    if (++calls % 2 == 1) return {code_of("EINTR"), 0};
    return SystemCalls::truncate(file, size);
  }
  os::Outcome create(const std::string& path, std::uint32_t mode,
                     os::Native& file) override {
    if (++calls % 2 == 1) return {code_of("EINTR"), 0};
    return SystemCalls::create(path, mode, file);
  }
};

class IdleSystemCalls : public os::SystemCalls {
 public:
  os::Outcome write_at(os::Native, const std::uint8_t*, std::uint64_t,
                       std::uint64_t) override {
    return {0, 0};
  }
};

class RefusingSystemCalls : public os::SystemCalls {
 public:
  int error = 0;
  os::Outcome punch(os::Native, std::uint64_t, std::uint64_t) override {
    return {error, 0};
  }
  os::Outcome copy_owner(os::Native, os::Native) override { return {error, 0}; }
};

std::string read(const File& file, std::uint64_t offset, std::uint64_t n) {
  std::string out(n, '?');
  file.read_at(offset, reinterpret_cast<std::uint8_t*>(out.data()), n);
  return out;
}

}  // namespace

TEST_CASE("create, write, read, cut") {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  file.write_at(3, Bytes("abcdef"));
  CHECK(read(file, 0, 9) == std::string("\0\0\0abcdef", 9));
  CHECK(file.status().size == 9);
  file.truncate(5);
  CHECK(read(file, 3, 2) == "ab");
  file.sync();
  std::uint8_t buffer[16];
  CHECK(file.read_some_at(4, buffer, 16) == 1);
  CHECK(file.read_some_at(5, buffer, 16) == 0);
  CHECK(file.read_some_at(UINT64_MAX - 100, buffer, 16) == 0);
  CHECK(file.read_some_at(0, nullptr, 0) == 0);
}

TEST_CASE("read_at past the end is damage, and tells where") {
  const Scratch scratch;
  const File file = File::open(scratch.file("0123456789"), Access::read);
  const Error error = error_of([&] { read(file, 8, 4); });
  CHECK(error.kind == ErrorKind::format);
  CHECK(error.offset == 8);
  CHECK(error.path == scratch.path());
}

#ifndef _WIN32
TEST_CASE("short and interrupted system calls are carried on") {
  const Scratch scratch;
  StutteringSystemCalls system;
  File file = File::open(scratch.path(), Access::create_new, system);
  file.write_at(0, Bytes("0123456789"));
  CHECK(contents(scratch.path()) == "0123456789");
  CHECK(system.calls == 2 + 8);
  file.truncate(4);
  CHECK(contents(scratch.path()) == "0123");
}
#endif

TEST_CASE("a write without progress ends") {
  const Scratch scratch;
  scratch.file("x");
  IdleSystemCalls system;
  File file = File::open(scratch.path(), Access::write, system);
  CHECK(error_of([&] { file.write_at(0, Bytes("y")); }).kind == ErrorKind::io);
}

TEST_CASE("open: what is wrong, and what to do") {
  const Scratch scratch;
  scratch.file("x");
  for (const Access access : {Access::read, Access::write}) {
    const Error missing = error_of([&] { File::open(scratch.path("no"), access); });
    CHECK(missing.kind == ErrorKind::io);
    CHECK(missing.cause == "ENOENT");
    CHECK(missing.message ==
          "cannot open '" + scratch.path("no") + "': there is no such file (ENOENT)");
    CHECK_FALSE(missing.hint.empty());

    const Error folder = error_of([&] { File::open(scratch.folder(), access); });
    CHECK(folder.kind == ErrorKind::io);
    CHECK(folder.cause == "EISDIR");
    CHECK(folder.message ==
          "cannot open '" + scratch.folder() + "': it is a folder (EISDIR)");
  }
  const Error exists = error_of([&] { File::open(scratch.path(), Access::create_new); });
  CHECK(exists.cause == "EEXIST");
  CHECK(contents(scratch.path()) == "x");
  const Error nowhere =
      error_of([&] { File::open(scratch.path("a") + "/b", Access::create_new); });
  CHECK(nowhere.cause == "ENOENT");
  CHECK(nowhere.hint.find("folder") != std::string::npos);
}

TEST_CASE("a read-only file refuses writes") {
  const Scratch scratch;
  File file = File::open(scratch.file("x"), Access::read);
  const Error error = error_of([&] { file.write_at(0, Bytes("y")); });
  CHECK(error.kind == ErrorKind::io);
  CHECK_FALSE(error.cause.empty());
  CHECK(contents(scratch.path()) == "x");
}

TEST_CASE("a File moves, and closes once") {
  const Scratch scratch;
  File a = File::open(scratch.file("abc"), Access::read);
  File b = std::move(a);
  CHECK_FALSE(a.is_open());
  CHECK(read(b, 0, 3) == "abc");
  CHECK(b.path() == scratch.path());
  File c;
  CHECK_FALSE(c.is_open());
  c = std::move(b);
  CHECK(read(c, 0, 3) == "abc");
  c.close();
  c.close();
  CHECK_FALSE(c.is_open());
  CHECK(error_of([&] { c.status(); }).cause == "EBADF");
}

TEST_CASE("status and identity") {
  const Scratch scratch;
  scratch.file("abc");
  scratch.file("abc", "other");
  bool exists = false;
  const os::Status status = os::status_of(scratch.path(), exists);
  CHECK(exists);
  CHECK(status.regular);
  CHECK_FALSE(status.folder);
  CHECK(status.size == 3);
  CHECK(status.links == 1);
  CHECK(status.mtime_ns > 1600000000000000000);
  CHECK(status.identity == File::open(scratch.path(), Access::read).status().identity);
  CHECK(status.identity != os::status_of(scratch.path("other"), exists).identity);
  CHECK(os::status_of(scratch.folder(), exists).folder);
  os::status_of(scratch.path("no"), exists);
  CHECK_FALSE(exists);
  os::status_of(scratch.path() + "/below", exists);
  CHECK_FALSE(exists);
}

// Of file systems that cannot rename and look at once.
class PlainSystemCalls : public os::SystemCalls {
 public:
  os::Outcome rename_new(const std::string&, const std::string&) override {
    return {code};
  }
  int code = 0;
};

TEST_CASE("rename_new replaces nothing") {
  const Scratch scratch;
  PlainSystemCalls plain;
  plain.code = code_of("EOPNOTSUPP");
  for (os::SystemCalls* system :
       {&os::real_system_calls(), static_cast<os::SystemCalls*>(&plain)}) {
    const std::string a = scratch.file("a", "a"), b = scratch.file("b", "b");
    CHECK_FALSE(os::rename_new(a, b, *system));
    CHECK(contents(a) == "a");
    CHECK(contents(b) == "b");
    os::remove(b, *system);
    CHECK(os::rename_new(a, b, *system));
    CHECK(contents(b) == "a");
    CHECK_FALSE(std::filesystem::exists(a));
    const Error error =
        error_of([&] { os::rename_new(scratch.path("none"), a, *system); });
    CHECK(error.cause == "ENOENT");
    os::remove(b, *system);
  }
}

TEST_CASE("rename replaces, remove removes") {
  const Scratch scratch;
  scratch.file("new", "a");
  scratch.file("old", "b");
#ifndef _WIN32
  const File held = File::open(scratch.path("b"), Access::read);
#endif
  os::rename(scratch.path("a"), scratch.path("b"), os::real_system_calls());
  os::sync_folder_of(scratch.path("b"), os::real_system_calls());
  CHECK(contents(scratch.path("b")) == "new");
#ifndef _WIN32
  CHECK(read(held, 0, 3) == "old");
#endif
  os::remove(scratch.path("b"), os::real_system_calls());
  const Error error =
      error_of([&] { os::remove(scratch.path("b"), os::real_system_calls()); });
  CHECK(error.cause == "ENOENT");
  CHECK(error.message.find("cannot remove '" + scratch.path("b")) == 0);
}

#ifdef __linux__
TEST_CASE("holes: sparse parts are found and made") {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  constexpr std::uint64_t kMega = 1 << 20;
  file.write_at(0, Bytes(std::string(kMega, 'a')));
  file.write_at(8 * kMega, Bytes(std::string(kMega, 'b')));
  const std::uint64_t size = 9 * kMega;
  file.sync();
  const File::Range first = file.next_data(0, size);
  CHECK(first.begin == 0);
  CHECK(first.end >= kMega);
  CHECK(first.end < 8 * kMega);
  CHECK(file.next_data(4 * kMega, size).begin > 7 * kMega);
  CHECK(file.next_data(4 * kMega, 5 * kMega).begin == 5 * kMega);
  CHECK(file.next_data(size, size).begin == size);
  CHECK(file.next_data(size + 5, size).begin == size);
  CHECK(file.status().allocated < size);

  const std::uint64_t before = file.status().allocated;
  file.punch(8 * kMega + 100, kMega / 2);
  CHECK(file.status().allocated < before);
  CHECK(file.status().size == size);
  CHECK(read(file, 8 * kMega + 98, 4) == std::string("bb\0\0", 4));
  CHECK(read(file, 8 * kMega + 100 + kMega / 2 - 2, 4) == std::string("\0\0bb", 4));
  file.punch(5, 0);
  CHECK(read(file, 5, 1) == "a");
}
#endif

TEST_CASE("punch and copy_owner where the system cannot") {
  const Scratch scratch;
  RefusingSystemCalls system;
  File file = File::open(scratch.file("x"), Access::write, system);
  const File like = File::open(scratch.path(), Access::read);
  for (const char* error : {"EOPNOTSUPP", "ENOSYS"}) {
    system.error = code_of(error);
    CHECK(error_of([&] { file.punch(0, 1); }).kind == ErrorKind::unsupported);
    CHECK_NOTHROW(os::copy_owner(like, file));
  }
  system.error = code_of("EIO");
  CHECK(error_of([&] { file.punch(0, 1); }).kind == ErrorKind::io);
  CHECK(error_of([&] { os::copy_owner(like, file); }).cause == "EIO");
  system.error = code_of("EPERM");
  CHECK_NOTHROW(os::copy_owner(like, file));
}

#ifndef _WIN32
TEST_CASE("open: no permission") {
  const Scratch scratch;
  scratch.file("x");
  ::chmod(scratch.folder().c_str(), 0755);
  const auto cause_of = [&](Access access, mode_t mode) {
    ::chmod(scratch.path().c_str(), mode);
    test::Child child([&](test::Child&) {
      if (::geteuid() == 0 && ::seteuid(65534) != 0) return 90;  // root may do anything
      const std::string path =
          access == Access::create_new ? scratch.path("new") : scratch.path();
      const Error error = error_of([&] { File::open(path, access); });
      if (error.message == "nothing was thrown") return 0;
      return error.cause == "EACCES" && error.kind == ErrorKind::io &&
                     error.hint.find("You may not") == 0
                 ? 1
                 : 2;
    });
    return child.exit_code();
  };
  CHECK(cause_of(Access::read, 0444) == 0);
  CHECK(cause_of(Access::read, 0000) == 1);
  CHECK(cause_of(Access::write, 0444) == 1);
  if (::geteuid() != 0) ::chmod(scratch.folder().c_str(), 0555);
  CHECK(cause_of(Access::create_new, 0444) == 1);
  ::chmod(scratch.folder().c_str(), 0755);
}

TEST_CASE("open: a pipe is refused, and not waited for") {
  const Scratch scratch;
  REQUIRE(::mkfifo(scratch.path().c_str(), 0600) == 0);
  CHECK(error_of([&] { File::open(scratch.path(), Access::read); }).cause == "EINVAL");
}

TEST_CASE("descriptors are closed on exec") {
  const Scratch scratch;
  const File a = File::open(scratch.path(), Access::create_new);
  const File b = File::open(scratch.path(), Access::read);
  for (const File* file : {&a, &b}) {
    CHECK((::fcntl(static_cast<int>(file->native()), F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("copy_owner gives the mode") {
  const Scratch scratch;
  scratch.file("x", "like");
  ::chmod(scratch.path("like").c_str(), 0640);
  const File like = File::open(scratch.path("like"), Access::read);
  File file = File::open(scratch.path(), Access::create_new);
  os::copy_owner(like, file);
  struct stat s;
  REQUIRE(::stat(scratch.path().c_str(), &s) == 0);
  CHECK((s.st_mode & 07777) == 0640);
}

TEST_CASE("copy_owner: without the group its rights do not pass to another") {
  if (::geteuid() != 0) return;
  const Scratch scratch;
  scratch.file("x", "like");
  ::chmod(scratch.folder().c_str(), 0777);
  ::chmod(scratch.path("like").c_str(), 0664);
  REQUIRE(::chown(scratch.path("like").c_str(), 0, 12345) == 0);
  test::Child child([&](test::Child&) {
    if (::setegid(65534) != 0 || ::seteuid(65534) != 0) return 90;
    const File like = File::open(scratch.path("like"), Access::read);
    File file = File::open(scratch.path(), Access::create_new);
    os::copy_owner(like, file);
    return 0;
  });
  CHECK(child.exit_code() == 0);
  struct stat s;
  REQUIRE(::stat(scratch.path().c_str(), &s) == 0);
  CHECK((s.st_mode & 07777) == 0644);
}

TEST_CASE("resolve: links followed, also to what does not exist yet") {
  const Scratch scratch;
  const std::string folder = os::resolve(scratch.folder());
  const std::string file = folder + "/file";
  scratch.file("x");
  ::symlink("file", scratch.path("link").c_str());
  ::symlink("link", scratch.path("link2").c_str());
  ::symlink("new", scratch.path("dangling").c_str());
  ::symlink(folder.c_str(), scratch.path("here").c_str());
  ::symlink("loop", scratch.path("loop").c_str());
  CHECK(os::resolve(scratch.path()) == file);
  CHECK(os::resolve(scratch.path("link2")) == file);
  CHECK(os::resolve(scratch.path("here") + "/link") == file);
  CHECK(os::resolve(scratch.path("new")) == folder + "/new");
  CHECK(os::resolve(scratch.path("dangling")) == folder + "/new");
  CHECK(os::resolve(scratch.path("here") + "/dangling") == folder + "/new");
  CHECK(os::resolve("/new-file-in-the-root") == "/new-file-in-the-root");
  CHECK(os::resolve("new-here").back() == 'e');
  CHECK(os::resolve("new-here").front() == '/');
  CHECK(error_of([&] { os::resolve(scratch.path("no") + "/file"); }).cause == "ENOENT");
  CHECK(error_of([&] { os::resolve(scratch.path("loop")); }).cause == "ELOOP");
  CHECK(error_of([&] { os::resolve(""); }).kind == ErrorKind::io);
}

TEST_CASE("a full disk is an error with its name") {
  // /dev/full is no regular file: the descriptor is put in place of a File's.
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  const int full = ::open("/dev/full", O_WRONLY);
  if (full < 0) return;
  REQUIRE(::dup2(full, static_cast<int>(file.native())) >= 0);
  ::close(full);
  CHECK(error_of([&] { file.write_at(0, Bytes("x")); }).cause == "ENOSPC");
}

TEST_CASE("process_id tells a fork") {
  const std::uint64_t mine = os::process_id();
  test::Child child([&](test::Child&) { return os::process_id() != mine ? 0 : 1; });
  CHECK(child.exit_code() == 0);
  CHECK(os::process_id() == mine);
}
#endif
