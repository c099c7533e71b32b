#include <doctest/doctest.h>

#include <cerrno>

#include "os/file.h"
#include "scratch.h"

using namespace mmappickle;
using test::error_of;

TEST_CASE("fail_io: the doing, the path, the system's words, errno's name") {
  const Error error =
      error_of([] { os::fail_io("write to", "/a/b", test::code_of("ENOSPC")); });
  CHECK(error.kind == ErrorKind::io);
  CHECK(error.cause == "ENOSPC");
  CHECK(error.path == "/a/b");
  CHECK(error.message.find("cannot write to '/a/b': ") == 0);
  CHECK(error.message.find(" (ENOSPC)") == error.message.size() - 9);
  CHECK(error.message.size() > 35);
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("fail_io: a code without a name") {
  const Error error = error_of([] { os::fail_io("read", "f", 98765); });
  CHECK(error.cause == "error 98765");
  CHECK(error.message.find("(error 98765)") != std::string::npos);
}

#ifndef _WIN32
TEST_CASE("fail_io: each usual errno by its name") {
  const std::pair<int, const char*> names[] = {
      {EPERM, "EPERM"},   {ENOENT, "ENOENT"},        {EINTR, "EINTR"},
      {EIO, "EIO"},       {EAGAIN, "EAGAIN"},        {EACCES, "EACCES"},
      {EEXIST, "EEXIST"}, {EFBIG, "EFBIG"},          {EROFS, "EROFS"},
      {ENOLCK, "ENOLCK"}, {EDQUOT, "EDQUOT"},        {ESTALE, "ESTALE"},
      {ENOSYS, "ENOSYS"}, {EOPNOTSUPP, "EOPNOTSUPP"}};
  for (const auto& [code, name] : names) {
    const int c = code;
    CHECK(error_of([&] { os::fail_io("read", "f", c); }).cause == name);
  }
}
#endif
