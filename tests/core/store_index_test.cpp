#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "../../src/core/store/index.h"

namespace mmappickle::store {
namespace {

Frame frame_at(std::uint64_t at, const std::string& key) {
  return Frame{at, 30 + key.size(), static_cast<std::uint8_t>(key.size()), kLive};
}

TEST_CASE("an index agrees with a map through random changes") {
  std::mt19937 random(1);
  Index index;
  std::map<std::string, std::uint64_t> model;  // key to place
  std::uint64_t at = 24;
  for (int i = 0; i < 200000; ++i) {
    const std::string key = "k" + std::to_string(random() % 700);
    if (random() % 3 == 0) {
      const Index::Slot slot = index.find(key);
      CHECK((slot != Index::kNone) == (model.count(key) == 1));
      if (slot != Index::kNone) index.remove(slot);
      model.erase(key);
    } else {
      const Entry older = index.add(frame_at(at, key), 0, key);
      const auto found = model.find(key);
      if (found == model.end()) {
        CHECK(older.length == 0);
      } else {
        CHECK(older.at == found->second);
        CHECK(older.frame().end() > older.at);
      }
      model[key] = at;
      at += 100;
    }
    if (i % 5000 == 0) {
      CHECK(index.count() == model.size());
      for (const auto& item : model) {
        const Index::Slot slot = index.find(item.first);
        REQUIRE(slot != Index::kNone);
        CHECK(index[slot].at == item.second);
        CHECK(index.key(slot) == item.first);
      }
      std::uint64_t last = 0;
      std::size_t n = 0;
      for (const Index::Slot slot : index.live()) {
        CHECK(index[slot].at > last);
        last = index[slot].at;
        CHECK(index.nth(n++) == slot);
      }
      CHECK(index.nth(n) == Index::kNone);
    }
  }
}

TEST_CASE("keys of every length, and keys with NUL") {
  Index index;
  for (int size = 0; size < 256; ++size) {
    index.add(frame_at(24, std::string(size, '\0')), 0, std::string(size, '\0'));
  }
  CHECK(index.count() == 256);
  for (int size = 0; size < 256; ++size) {
    const Index::Slot slot = index.find(std::string(size, '\0'));
    REQUIRE(slot != Index::kNone);
    CHECK(index.key(slot).size() == static_cast<std::size_t>(size));
  }
  index.clear();
  CHECK(index.count() == 0);
  CHECK(index.find("") == Index::kNone);
}

TEST_CASE("what is appended together counts as what is added one by one") {
  std::mt19937 random(2);
  Index index;
  std::map<std::string, std::uint64_t> model;
  std::uint64_t at = 24;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> expected, older;
    for (std::size_t n = random() % 200; n > 0; --n, at += 300) {
      const std::string key(random() % 3 * 100, 'k');
      const std::string whole = key + std::to_string(random() % 400);
      const auto found = model.find(whole);
      if (found != model.end()) expected.push_back(found->second);
      model[whole] = at;
      index.append(frame_at(at, whole), 0, whole, false);
    }
    index.settle([&older](const Entry& entry) { older.push_back(entry.at); });
    CHECK(older == expected);
    REQUIRE(index.count() == model.size());
    for (const auto& item : model) {
      const Index::Slot slot = index.find(item.first);
      REQUIRE(slot != Index::kNone);
      CHECK(index[slot].at == item.second);
      if (random() % 4 == 0) index.remove(slot);
    }
    for (auto item = model.begin(); item != model.end();) {
      item =
          index.find(item->first) == Index::kNone ? model.erase(item) : std::next(item);
    }
  }
}

TEST_CASE("a key that is replaced again and again takes no more room") {
  Index index;
  for (std::uint64_t i = 0; i < 100000; ++i) index.add(frame_at(i * 50, "key"), 0, "key");
  CHECK(index.count() == 1);
  CHECK(index.find("key") < 100);
}

}  // namespace
}  // namespace mmappickle::store
