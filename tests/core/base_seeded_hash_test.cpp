#include <doctest/doctest.h>

#include <string>
#include <unordered_set>

#include "base/seeded_hash.h"

using namespace mmappickle;

TEST_CASE("seeded hash: of equal bytes the same, wherever they lie; of others another") {
  const SeededHash hash;
  std::unordered_set<std::uint32_t> seen;
  std::string text;
  for (std::size_t size = 0; size < 64; ++size) {  // each length of the last, short word
    for (char last : {'a', 'b', '\0'}) {
      const std::string whole = text + last;
      const std::string moved = "x" + whole;
      const std::uint32_t h = hash(Bytes(std::string_view(whole)));
      CHECK(h == hash(Bytes(std::string_view(moved).substr(1))));
      seen.insert(h);
    }
    text += static_cast<char>('a' + size % 26);
  }
  CHECK(seen.size() >= 3 * 64 - 1);
}

TEST_CASE("seeded hash: nobody knows it of another seed") {
  const SeededHash one, other(SeededHash::Seed{1, 2});
  std::size_t equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = std::to_string(i);
    const Bytes bytes{std::string_view(text)};
    if (one(bytes) == other(bytes)) ++equal;
  }
  CHECK(equal <= 1);
}
