#include <doctest/doctest.h>

#include "os/file_source.h"
#include "scratch.h"

using namespace mmappickle;
using os::Access;
using os::File;
using test::error_of;
using test::Scratch;

TEST_CASE("file_source reads its range, and keeps the file") {
  const Scratch scratch;
  auto file =
      std::make_shared<const File>(File::open(scratch.file("0123456789"), Access::read));
  const auto source = os::file_source(file, 2, 5);
  file.reset();
  CHECK(source->size() == 5);
  CHECK(source->in_memory().data == nullptr);
  CHECK_FALSE(source->is_hole());
  std::uint8_t bytes[3];
  source->read(1, bytes, 3);
  CHECK(Bytes(bytes, 3).text() == "345");
}

TEST_CASE("file_source: a range that leaves the file is an error, and no hole") {
  const Scratch scratch;
  const auto file =
      std::make_shared<const File>(File::open(scratch.file("0123456789"), Access::read));
  const auto source = os::file_source(file, 8, 5);
  std::uint8_t bytes[5];
  CHECK(error_of([&] { source->read(0, bytes, 5); }).kind == ErrorKind::format);
  CHECK_FALSE(source->is_hole());
  CHECK_FALSE(os::file_source(file, 100, 5)->is_hole());
}

#ifdef __linux__
TEST_CASE("file_source: holes of the file are holes") {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  constexpr std::uint64_t kMega = 1 << 20;
  file.write_at(4 * kMega, Bytes("x"));
  file.truncate(8 * kMega);
  const auto shared = std::make_shared<const File>(std::move(file));
  CHECK(os::file_source(shared, kMega, kMega)->is_hole());
  CHECK_FALSE(os::file_source(shared, kMega, 4 * kMega)->is_hole());
  CHECK(os::file_source(shared, 5 * kMega, 3 * kMega)->is_hole());
}
#endif
