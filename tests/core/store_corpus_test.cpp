// The fixtures, hostile files, interrupted writes and our own writes that others and we
// have gathered. corpus_files.py makes the files; MMAPPICKLE_CORPUS names their folder,
// MMAPPICKLE_SHARED that of the fixtures.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "../../src/core/store/fsck.h"
#include "../../src/core/store/vacuum.h"
#include "repair.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

// Reads the records of corpus_files.py.
class Records {
 public:
  explicit Records(const std::string& name) {
    const char* folder = std::getenv("MMAPPICKLE_CORPUS");
    if (folder == nullptr) {
      MESSAGE("MMAPPICKLE_CORPUS is not set: skipped");
      return;
    }
    all_ = contents(std::string(folder) + "/" + name + ".bin");
    CHECK(!all_.empty());
  }
  bool more() const { return at_ < all_.size(); }
  std::uint64_t number() {
    at_ += 8;
    return load_u64(reinterpret_cast<const std::uint8_t*>(all_.data()) + at_ - 8);
  }
  std::string text() {
    const std::size_t n = number();
    at_ += n;
    return all_.substr(at_ - n, n);
  }
  std::vector<std::pair<std::string, std::string>> pairs() {
    std::vector<std::pair<std::string, std::string>> pairs(number());
    for (auto& pair : pairs) {
      pair.first = text();
      pair.second = text();
    }
    return pairs;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> texts(number());
    for (auto& item : texts) item = text();
    return texts;
  }

 private:
  std::string all_;
  std::size_t at_ = 0;
};

// Each key is there; with its value, where the notation has one.
void check_values(Store& store,
                  const std::vector<std::pair<std::string, std::string>>& expected) {
  const Reading reading(store);
  for (const auto& item : expected) {
    CAPTURE(item.first);
    const std::string value = value_of(reading, item.first);
    CHECK(value != "absent");
    if (!item.second.empty()) CHECK(value == item.second);
    CHECK(value.substr(0, 6) != "error:");
  }
}

void check_whole_files(const std::string& corpus) {
  Records records(corpus);
  const Scratch scratch;
  int opened = 0, refused = 0, recovered = 0;
  while (records.more()) {
    const std::string name = records.text(), expectation = records.text(),
                      file = records.text();
    const auto readable = records.pairs(), repaired = records.pairs();
    const auto no_plain = records.texts();
    CAPTURE(name);
    const std::string path = scratch.file(file);
    try {
      const auto store = Store::open(path, readonly_options());
      CHECK(expectation != "E");
      ++opened;
      check_values(*store, readable);
      values_of(*store);  // no crash
      const Reading reading(*store);
      for (const std::string& key : no_plain) {
        const std::string value = value_of(reading, key);
        CAPTURE(key);
        CAPTURE(value);
        CHECK((value == "absent" || value.substr(0, 5) == "error" ||
               value.find('?') != std::string::npos || value[0] == 'A'));
      }
    } catch (const Error& error) {
      CAPTURE(error.message);
      CHECK(expectation != "O");
      CHECK(error.kind == ErrorKind::format);
      ++refused;
    }
    CHECK(contents(path) == file);
    try {
      const Report report = repair(path);
      if (!report.repaired) CHECK(contents(path) == file);
      if (!report.lost.empty()) std::filesystem::remove(report.lost);
      recovered += report.repaired;
      const auto store = Store::open(path, Options{});
      check_values(*store, repaired);
      put(*store, "more", 7);
      vacuum(*store, true, false, {});
      check_values(*store, repaired);
      CHECK(value_of(Reading(*store), "more") == "i7");
    } catch (const Error& error) {
      CAPTURE(error.message);
      CHECK(error.kind == ErrorKind::format);
      CHECK(repaired.empty());
    }
  }
  if (opened + refused > 0) {
    MESSAGE(corpus << ": " << opened << " open, " << refused << " do not, " << recovered
                   << " repaired");
  }
}

TEST_CASE("hostile files") { check_whole_files("hostile_files"); }

TEST_CASE("files that the Python library left half-written") {
  check_whole_files("interrupted_writes");
}

TEST_CASE("every prefix of our writes opens, with the keys of before or of after") {
  Records records("own_writes");
  const Scratch scratch;
  while (records.more()) {
    const std::string change = records.text();
    std::string file = records.text();
    CAPTURE(change);
    const Values before = values_of(scratch.file(file));
    std::vector<std::string> prefixes{file};
    for (std::uint64_t n = records.number(); n > 0; --n) {
      const std::string step = records.text();
      const std::uint64_t at = records.number();
      const std::string bytes = records.text();
      if (file.size() < at + bytes.size()) file.resize(at + bytes.size());
      file.replace(at, bytes.size(), bytes);
      prefixes.push_back(file);
    }
    const auto changed = records.pairs();
    const auto gone = records.texts();
    const Values after = values_of(scratch.file(file));
    for (const auto& item : changed) {
      REQUIRE(after.count(item.first) == 1);
      if (!item.second.empty()) CHECK(after.at(item.first) == item.second);
    }
    for (const std::string& key : gone) CHECK(after.count(key) == 0);
    for (const std::string& prefix : prefixes) {
      const std::string path = scratch.file(prefix);
      const Values values = values_of(path);
      CHECK((values == before || values == after));
      const auto healed = Store::open(path, Options{});
      put(*healed, "more", 7);
      Values more = values;
      more["more"] = "i7";
      CHECK(values_of(path) == more);
    }
  }
}

// The value that a file holds, as one that is to be stored.
numpy::StoredValue stored_value_of(Loaded& loaded) {
  numpy::StoredValue stored_value;
  stored_value.tree = std::move(loaded.tree);
  stored_value.value = loaded.value;
  stored_value.metadata = loaded.metadata;
  if (!loaded.is_array) return stored_value;
  const numpy::Array& array = loaded.array;
  const std::uint64_t count = array.count();
  numpy::NewArray made;
  made.dtype = array.dtype;
  made.shape = array.shape;
  made.fortran = !array.c_order();
  made.data = memory_source(Bytes(array.data, count * array.dtype.itemsize));
  if (array.masked) made.mask = memory_source(Bytes(array.mask, count));
  stored_value.arrays.push_back(std::move(made));
  stored_value.value = stored_value.tree.array(0);
  return stored_value;
}

struct Write {
  std::string step;
  std::uint64_t at;
  std::string bytes;
};

// The bytes that writes leave, by offset; what stands there already is left out, as a
// hole is.
std::map<std::uint64_t, char> left_by(const std::vector<Write>& writes) {
  std::map<std::uint64_t, char> bytes;
  for (const Write& write : writes) {
    for (std::size_t i = 0; i < write.bytes.size(); ++i) {
      if (write.bytes[i] != 0) bytes[write.at + i] = write.bytes[i];
    }
  }
  return bytes;
}

TEST_CASE("our writes are those of an independent simulator, step by step") {
  Records records("own_writes");
  const Scratch scratch;
  int compared = 0;
  std::vector<std::string> skipped;
  while (records.more()) {
    const std::string change = records.text();
    const std::string before = records.text();
    CAPTURE(change);
    std::vector<Write> expected(records.number());
    std::string after = before;
    for (Write& write : expected) {
      write.step = records.text();
      write.at = records.number();
      write.bytes = records.text();
      if (after.size() < write.at + write.bytes.size()) {
        after.resize(write.at + write.bytes.size());
      }
      after.replace(write.at, write.bytes.size(), write.bytes);
    }
    const auto changed = records.pairs();
    const auto gone = records.texts();
    // Values that are made of calls, fill values; and what is no insert or delete.
    if (change == "nested" || change == "masked F, fill" || change == "slice" ||
        change.substr(0, 7) == "reclaim") {
      skipped.push_back(change);
      continue;
    }
    const auto model = Store::open(scratch.file(after, "model"), readonly_options());
    os::FaultySystemCalls system;
    const auto store = Store::open(scratch.file(before), Options{}, system);
    REQUIRE(changed.size() + gone.size() == 1);
    if (!gone.empty()) {
      erase(*store, gone[0]);
    } else {
      const Reading reading(*model);
      Loaded loaded = reading.load(reading.require(changed[0].first));
      put(*store, changed[0].first, stored_value_of(loaded));
    }
    std::vector<Write> made;
    for (const auto& call : system.log) {
      REQUIRE(call.name == "write_at");
      made.push_back(
          {"", call.offset, std::string(call.bytes.begin(), call.bytes.end())});
    }
    // The entry may be written in another number of pieces.
    const auto is_entry = [](const Write& w) { return w.step == "2 entry"; };
    const auto first = std::find_if(expected.begin(), expected.end(), is_entry);
    const auto entries = std::count_if(expected.begin(), expected.end(), is_entry);
    const auto head = first - expected.begin();
    const auto tail = static_cast<std::ptrdiff_t>(expected.size()) - head - entries;
    REQUIRE(static_cast<std::ptrdiff_t>(made.size()) >= head + tail);
    CHECK(left_by({first, first + entries}) ==
          left_by({made.begin() + head, made.end() - tail}));
    expected.erase(first, first + entries);
    made.erase(made.begin() + head, made.end() - tail);
    for (std::size_t i = 0; i < made.size(); ++i) {
      CHECK(made[i].at == expected[i].at);
      CHECK(pickle::hex_of(Bytes(made[i].bytes)) ==
            pickle::hex_of(Bytes(expected[i].bytes)));
    }
    CHECK(contents(scratch.path()) == after);
    ++compared;
  }
  MESSAGE(compared << " changes compared, " << skipped.size() << " left out");
}

std::string shared_folder() {
  const char* folder = std::getenv("MMAPPICKLE_SHARED");
  const std::string shared = folder != nullptr ? folder : "../shared";
  return std::filesystem::exists(shared + "/fixtures") ? shared : std::string();
}

TEST_CASE("fixtures: keys, places, values") {
  if (shared_folder().empty()) {
    MESSAGE("MMAPPICKLE_SHARED is not set: skipped");
    return;
  }
  Records records("fixtures");
  const Scratch scratch;
  int values = 0;
  while (records.more()) {
    const std::string name = records.text();
    CAPTURE(name);
    const std::string original = shared_folder() + "/fixtures/" + name;
    const auto store = Store::open(original, readonly_options());
    const Reading reading(*store);
    CHECK(reading.commit_number() ==
          static_cast<std::int32_t>(static_cast<std::uint32_t>(records.number())));
    CHECK(reading.dead_bytes() == records.number());
    const auto listings = list_entries(reading, true);
    const std::uint64_t n = records.number();
    REQUIRE(listings.size() == n);
    Values expected;
    for (const Listing& listing : listings) {
      const std::string key = records.text();
      CAPTURE(key);
      CHECK(listing.key == key);
      CHECK(listing.live == (records.number() == 1));
      const std::string kind = records.text();
      CHECK(listing.padding == (kind == "padding"));
      CHECK(listing.at == records.number());
      const std::uint64_t length = records.number();
      CHECK(listing.bytes >= length);
      const std::uint64_t value_at = records.number(), data_at = records.number();
      const std::string value = records.text();
      if (!listing.live) continue;
      const Index::Slot slot = reading.require(key);
      CHECK(reading.index()[slot].length == length);
      CHECK(reading.index()[slot].frame().value() == value_at);
      if (name == "dtypes-unreadable.mmdpickle") continue;
      const Loaded loaded = reading.load(slot);
      const std::string read = value_text(loaded);
      expected[key] = read;
      CHECK(loaded.is_array == (kind != "generic"));
      // Objects are for others to recognise; pickle.load makes other byte orders native.
      if (!value.empty() && read.find('?') == std::string::npos && read[1] != '>') {
        ++values;
        CHECK(read == value);
      }
      if (loaded.is_array && loaded.array.count() > 0) {
        CHECK(static_cast<std::uint64_t>(loaded.array.data - loaded.mapping->data()) ==
              data_at);
      }
    }
    if (expected.empty()) continue;
    // A copy of it is vacuumed, checked, and changed.
    const std::string path = scratch.file(contents(original));
    const auto copy = Store::open(path, Options{});
    vacuum(*copy, true, false, {});
    CHECK(values_of(*copy) == expected);
    CHECK(Reading(*copy).dead_bytes() == 0);
    const Report report = fsck(path, false, Options{});
    for (const Finding& finding : report.findings) {
      CAPTURE(finding.problem);
      CHECK_FALSE(finding.harmful);
    }
    put(*copy, "more", 7);
    expected["more"] = "i7";
    CHECK(values_of(path) == expected);
  }
  MESSAGE(values << " values compared");
}

}  // namespace
}  // namespace mmappickle::store
