#include <doctest/doctest.h>

#include <chrono>

#include "../../src/core/store/suggest.h"

namespace mmappickle::store {
namespace {

Index index_of(const std::vector<std::string>& keys) {
  Index index;
  std::uint64_t at = 24;
  for (const std::string& key : keys) {
    index.add(Frame{at, 30 + key.size(), static_cast<std::uint8_t>(key.size()), kLive}, 0,
              key);
    at += 300;
  }
  return index;
}

TEST_CASE("the nearest keys, best first") {
  const Index index =
      index_of({"temperature", "pressure", "Pressure_2", "humidity", "x"});
  CHECK(suggest(index, "presure") == "Did you mean 'pressure'?");
  CHECK(suggest(index, "PRESSURE") == "Did you mean 'pressure' or 'Pressure_2'?");
  CHECK(suggest(index, "temprature") == "Did you mean 'temperature'?");
  CHECK(suggest(index, "y") == "Did you mean 'x'?");
  CHECK(suggest(index, "something else") == "names() gives the keys that are there.");
  CHECK(suggest(index, std::string(200, 'p')) ==
        "names() gives the keys that are there.");
  CHECK(suggest(Index(), "a") == "The file has no keys yet.");
  CHECK(suggest(index_of({"aa", "ab", "ac", "ad", "ae"}), "a") ==
        "Did you mean 'aa', 'ab' or 'ac'?");
}

TEST_CASE("many long keys take bounded time") {
  std::vector<std::string> keys;
  for (int i = 0; i < 50000; ++i)
    keys.push_back(std::to_string(i) + std::string(58, 'q'));
  const Index index = index_of(keys);
  const auto start = std::chrono::steady_clock::now();
  suggest(index, std::string(64, 'q'));
  CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() <
        5);
}

}  // namespace
}  // namespace mmappickle::store
