#include <doctest/doctest.h>

#include <string>

#include "base/source.h"

using namespace mmappickle;

namespace {

std::string read(const Source& source, std::uint64_t offset, std::uint64_t n) {
  std::string out(n, '?');
  source.read(offset, reinterpret_cast<std::uint8_t*>(out.data()), n);
  return out;
}

}  // namespace

TEST_CASE("memory_source borrows") {
  std::string text = "0123456789";
  const auto borrowed = memory_source(Bytes(text));
  CHECK(read(*borrowed, 2, 3) == "234");
  text[2] = 'x';
  CHECK(read(*borrowed, 2, 3) == "x34");
  CHECK(borrowed->in_memory().text() == text);
  CHECK(borrowed->size() == 10);
  CHECK(borrowed->next_data(1).begin == 1);
}

TEST_CASE("empty sources") {
  for (const auto& source : {memory_source(Bytes()), hole_source(0)}) {
    CHECK(source->size() == 0);
    CHECK(read(*source, 0, 0).empty());
  }
}

TEST_CASE("hole_source is zeros of any size") {
  const auto hole = hole_source(std::uint64_t{1} << 50);
  CHECK(hole->size() == std::uint64_t{1} << 50);
  CHECK(hole->next_data(0).begin == hole->size());
  CHECK(hole->in_memory().data == nullptr);
  CHECK(read(*hole, (std::uint64_t{1} << 50) - 4, 4) == std::string(4, '\0'));
}
