#include <doctest/doctest.h>

#include "os/file_source.h"
#include "os/map.h"
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
  CHECK(source->next_data(0).begin == 0);
  CHECK(source->next_data(3).end == 5);
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
  CHECK(source->next_data(1).begin == 1);
  CHECK(os::file_source(file, 100, 5)->next_data(0).begin == 0);
}

#ifdef __linux__
TEST_CASE("holes of the file are holes of its sources") {
  const Scratch scratch;
  File file = File::open(scratch.path(), Access::create_new);
  constexpr std::uint64_t kMega = 1 << 20;
  file.write_at(4 * kMega, Bytes("x"));
  file.truncate(8 * kMega);
  const auto shared = std::make_shared<const File>(std::move(file));
  const auto mapping = os::Mapping::of(*shared, 8 * kMega);
  const auto check = [&](std::uint64_t offset, std::uint64_t size, std::uint64_t from,
                         std::uint64_t begin, std::uint64_t end) {
    const Bytes bytes(mapping->data() + offset, size);
    for (const auto& source : {os::file_source(shared, offset, size),
                               os::mapped_source(shared, offset, bytes)}) {
      const Source::Range range = source->next_data(from);
      CHECK(range.begin == begin);
      CHECK(range.end == end);
    }
  };
  check(kMega, kMega, 0, kMega, kMega);
  check(5 * kMega, 3 * kMega, kMega, 3 * kMega, 3 * kMega);
  const std::uint64_t block = os::file_source(shared, 0, 8 * kMega)->next_data(0).end;
  check(0, 8 * kMega, 0, 4 * kMega, block);
  check(kMega, 7 * kMega, 5, 3 * kMega, block - kMega);
  check(0, 8 * kMega, block, 8 * kMega, 8 * kMega);
  const auto mapped =
      os::mapped_source(shared, 4 * kMega, Bytes(mapping->data() + 4 * kMega, 2));
  CHECK(mapped->in_memory().text() == std::string_view("x\0", 2));
  std::uint8_t byte = 1;
  mapped->read(1, &byte, 1);
  CHECK(byte == 0);
}
#endif
