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

TEST_CASE("the nearest keys, else the first") {
  const Index index =
      index_of({"temperature", "pressure", "Pressure_2", "humidity", "x"});
  CHECK(suggest(index, "presure") == "Did you mean \"pressure\"?");
  CHECK(suggest(index, "X") == "Did you mean \"x\"?");
  CHECK(
      suggest(index, "something else") ==
      "The file has the keys \"temperature\", \"pressure\", \"Pressure_2\", \"humidity\" "
      "and \"x\".");
  CHECK(suggest(Index(), "a") == "The file has no keys yet.");
  CHECK(suggest(index_of({"ab"}), "x") == "The file's only key is \"ab\".");
  CHECK(suggest(index_of({"ab", "cd", "ef", "gh", "ij", "kl", "mn"}), "x") ==
        "The file has the keys \"ab\", \"cd\", \"ef\", \"gh\", \"ij\" and 2 more.");
  const std::string accents = "a\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9";
  CHECK(suggest(index_of({accents + accents + accents}), "x") ==
        "The file's only key is \"" + accents + accents.substr(0, 15) + "...\".");
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
