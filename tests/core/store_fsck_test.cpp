#include <doctest/doctest.h>

#include <filesystem>

#include "../../src/core/store/fsck.h"
#include "repair.h"
#include "store_history_testing.h"

namespace mmappickle::store {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> problems(const Report& report) {
  std::vector<std::string> problems;
  for (const Finding& finding : report.findings) problems.push_back(finding.problem);
  return problems;
}

bool mentions(const Report& report, const std::string& words) {
  for (const Finding& finding : report.findings) {
    if (finding.problem.find(words) != std::string::npos) return true;
  }
  return false;
}

// What a repair kept of the bytes at an offset of the damaged file.
std::string lost_bytes(const std::string& path, std::uint64_t at) {
  const auto store = Store::open(path, readonly_options());
  const Reading reading(*store);
  const Loaded loaded = reading.load(reading.require(std::to_string(at)));
  return std::string(loaded.tree.bytes_of(loaded.value).text());
}

TEST_CASE("a sound file has no findings, and is not written") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "n", 5);
  put(*store, "a", doubles_value({1, 2, 3}));
  put(*store, "d", nested_value({1, 2, 3}));
  put(*store, "n", 6);
  erase(*store, "a");
  put(*store, "a",
      array_value("int32", {3}, bytes_source(std::string(12, 'i')),
                  bytes_source(raw("\0\x01\0"))));
  const std::string before = contents(scratch.path());
  os::FaultySystemCalls system;
  const Report report = fsck(scratch.path(), true, Options{}, system);
  CHECK(problems(report).empty());
  CHECK(report.keys == 3);
  CHECK_FALSE(report.repaired);
  CHECK(system.log.empty());
  CHECK(contents(scratch.path()) == before);
}

TEST_CASE("what is no mmapdict is an error") {
  const Scratch scratch;
  CHECK(error_of([&] { fsck(scratch.file("text"), true, Options{}); }).kind ==
        ErrorKind::format);
  CHECK(error_of([&] { fsck(scratch.path("absent"), false, Options{}); }).cause ==
        "ENOENT");
}

TEST_CASE("every cut of a file is repaired to its whole entries") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path("m"), Options{});
  std::vector<std::size_t> ends{24};
  for (const std::string& key : {std::string("a"), std::string("b"), std::string("c")}) {
    put(*store, key, text_value(key + " text"));
    ends.push_back(contents(scratch.path("m")).size() - kTerminatorSize);
  }
  const std::string whole = contents(scratch.path("m"));
  for (std::size_t size = 24; size < whole.size(); ++size) {
    const std::string path = scratch.file(whole.substr(0, size), "cut");
    std::size_t entries = 0;
    while (entries + 1 < ends.size() && ends[entries + 1] <= size) ++entries;
    const Report report = fsck(path, false, Options{});
    REQUIRE(report.findings.size() >= 1);
    CHECK(report.findings[0].at == ends[entries]);
    CHECK(report.findings[0].bytes == size - ends[entries]);
    CHECK(report.lost.empty());
    CHECK(report.keys == entries);
    CHECK_FALSE(report.repaired);
    CHECK(contents(path) == whole.substr(0, size));
    const Report repaired = repair(path);
    CHECK(repaired.repaired);
    CHECK(values_of(path).size() == entries);
    CHECK(contents(path).size() == ends[entries] + kTerminatorSize);
    if (size == ends[entries]) {
      CHECK(repaired.lost.empty());
    } else {
      CHECK(lost_bytes(repaired.lost, ends[entries]) ==
            whole.substr(0, size).substr(ends[entries]));
      std::filesystem::remove(repaired.lost);
    }
    CHECK(commit_number(Bytes(contents(path))) == commit_number(Bytes(whole)) + 1);
    CHECK(problems(fsck(path, false, Options{})).empty());
  }
}

TEST_CASE("bytes behind the terminator, half a terminator, duplicates, bad values") {
  const Scratch scratch;
  const std::string a1 = entry_bytes("a", "K\x01"), a2 = entry_bytes("a", "K\x02"),
                    bad = entry_bytes("bad", "\x01\x02"), b = entry_bytes("b", "N");
  const std::string path =
      scratch.file(header_bytes() + a1 + bad + a2 + b + terminator_bytes() + "junk");
  const Report report = fsck(path, false, Options{});
  CHECK(report.findings.size() == 3);
  CHECK(mentions(report, "stands again"));
  CHECK(mentions(report, "cannot be read"));
  CHECK(mentions(report, "behind the terminator"));
  CHECK(report.keys == 2);
  for (const Finding& finding : report.findings) CHECK(finding.harmful);
  CHECK(fsck(path, true, Options{}).repaired);
  CHECK(values_of(path) == Values{{"a", "i2"}, {"b", "N"}});
  CHECK(lost_bytes(path + ".lost", 24) == a1);
  CHECK(lost_bytes(path + ".lost", 24 + a1.size()) == bad);
  CHECK(values_of(path + ".lost").size() == 3);
  CHECK(problems(fsck(path, true, Options{})).empty());

  const std::string dead = entry_bytes("c", "K\x01", false);
  scratch.file(header_bytes() + b + dead.substr(0, 9) + "d." + dead.substr(11) +
               terminator_bytes());
  CHECK(mentions(fsck(path, true, Options{}), "half written"));
  CHECK(contents(path).size() == 24 + b.size() + 11);
  CHECK(values_of(path) == Values{{"b", "N"}});
}

TEST_CASE("a frame whose length alone is damaged is put right") {
  const Scratch scratch;
  for (const char low : {'\x00', '\x01', '\x7f'}) {
    for (const char high : {'\x00', '\x01'}) {
      std::string broken = entry_bytes("a", "K\x01");
      broken[1] = low;
      broken[3] = high;
      const std::string path =
          scratch.file(header_bytes() + broken + entry_bytes("b", "N") +
                       entry_bytes("gone", "N", false) + terminator_bytes());
      const Report report = repair(path);
      CHECK(report.repaired);
      CHECK(report.lost.empty());
      CHECK(values_of(path) == Values{{"a", "i1"}, {"b", "N"}});
      CHECK(problems(fsck(path, false, Options{})).empty());
    }
  }
}

// [numpy._frombuffer(b"ab", dtype("int8"), (3,), "C")].
std::string list_with_lying_array() {
  return "]cnumpy.core.numeric\n_frombuffer\n(C\x02"
         "abcnumpy\ndtype\n(\x8c\x02i1tRK\x03\x85"
         "\x8c\x01"
         "CtRa";
}

TEST_CASE("a value with an array that cannot be read goes in the first repair") {
  const Scratch scratch;
  for (const bool wrong_length : {false, true}) {
    CAPTURE(wrong_length);
    std::string lying = entry_bytes("lying", list_with_lying_array());
    if (wrong_length) lying[3] = '\x01';
    const std::string path =
        scratch.file(header_bytes() + lying + entry_bytes("b", "N") + terminator_bytes());
    const Report report = repair(path);
    CHECK(report.repaired);
    if (!wrong_length) CHECK(mentions(report, "an array in it is damaged"));
    CHECK(values_of(path) == Values{{"b", "N"}});
    CHECK(lost_bytes(report.lost, 24) == lying);
    fs::remove(report.lost);
    CHECK_FALSE(fsck(path, true, Options{}).repaired);
  }
}

TEST_CASE("a dead array whose call is another opcode is told, and removed") {
  const Scratch scratch;
  std::string dead = old_array_entry("gone");
  const std::size_t call = dead.rfind("\x86R");
  dead.replace(call, 2, "CF");  // swallows what follows, the next entries, too
  for (const bool live : {true, false}) {
    std::string entry = dead;
    if (!live) entry.replace(entry.rfind(char(kLive)), 1, 1, char(kDead));
    const std::string path =
        scratch.file(header_bytes() + entry + entry_bytes("b", "N") + terminator_bytes());
    CHECK(mentions(fsck(path, false, Options{}), "no valid pickle") == !live);
  }
}

TEST_CASE("every byte of an entry damaged: those before and behind it are kept") {
  const Scratch scratch;
  const std::string made = scratch.path("made");
  {
    const auto store = Store::open(made, Options{});
    put(*store, "first", doubles_value({1, 2}));
    put(*store, "hit", doubles_value({3, 4}));
    put(*store, "behind", doubles_value({5, 6}));
    put(*store, "last", nested_value({7}));
  }
  const std::string whole = contents(made);
  Values expected = values_of(made);
  std::uint64_t begin = 0, end = 0;
  {
    const auto store = Store::open(made, readonly_options());
    const Reading reading(*store);
    const Entry entry = reading.index()[reading.require("hit")];
    begin = entry.at - entry.padding;
    end = entry.at + entry.length;
  }
  int cases = 0;
  for (std::uint64_t at = begin; at < end; ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      CAPTURE(at - begin);
      CAPTURE(flip);
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const std::string path = scratch.file(damaged);
      const Report report = repair(path);
      Values found = values_of(path);
      for (const char* key : {"first", "behind", "last"}) {
        CHECK(found[key] == expected[key]);
      }
      CHECK(problems(fsck(path, false, Options{})).empty());
      if (!report.lost.empty()) std::filesystem::remove(report.lost);
      ++cases;
    }
  }
  CHECK(cases > 700);
}

TEST_CASE("a file inside a value of a broken entry is not taken for entries") {
  const Scratch scratch;
  const std::string inner = header_bytes() + entry_bytes("inside", "K\x01") +
                            entry_bytes("too", "K\x02") + terminator_bytes();
  std::string broken = entry_bytes("a", "\x8e" + pickle::le(inner.size(), 8) + inner);
  broken[20] = '\x7f';  // the length of the bytes
  const std::string path =
      scratch.file(header_bytes() + entry_bytes("first", "N") + broken +
                   entry_bytes("b", "N") + entry_bytes("c", "N") + terminator_bytes());
  CHECK(fsck(path, true, Options{}).repaired);
  CHECK(values_of(path) == Values{{"first", "N"}, {"b", "N"}, {"c", "N"}});
}

TEST_CASE("several broken places: what stands between them is kept") {
  const Scratch scratch;
  std::string broken = entry_bytes("x", "K\x01");
  broken[9] = 'x';
  std::string file = header_bytes();
  Values expected;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "k" + std::to_string(i);
    file += broken + entry_bytes(key, "K" + std::string(1, static_cast<char>(i)));
    expected[key] = "i" + std::to_string(i);
  }
  const std::string path = scratch.file(file + terminator_bytes());
  const Report report = fsck(path, true, Options{});
  CHECK(report.keys == 20);
  CHECK(values_of(path) == expected);
  CHECK(values_of(report.lost).size() == 20);
  CHECK(lost_bytes(report.lost, 24) == broken);
}

TEST_CASE("nothing is overwritten by the lost parts") {
  const Scratch scratch;
  std::string broken = entry_bytes("a", "K\x01");
  broken[9] = 'x';
  const std::string file = header_bytes() + broken + terminator_bytes();
  const std::string path = scratch.file(file);
  scratch.file("mine", "file.lost");
  CHECK(scratch.path("file.lost") == path + ".lost");
  CHECK(fsck(path, true, Options{}).lost == path + ".lost-2");
  CHECK(contents(path + ".lost") == "mine");
}

TEST_CASE("keys that Python cannot read, paddings that fit nothing") {
  const Scratch scratch;
  const std::string bad = entry_bytes("\xff", "N");
  const std::string path = scratch.file(
      header_bytes() + bad + "\x95" + pickle::le(12, 8) +
      raw("\x8c\0N\x8e\x52\0\0\0\0\0\0\0") + entry_bytes("b", "N") + terminator_bytes());
  const Report report = fsck(path, true, Options{});
  CHECK(mentions(report, "no valid UTF-8"));
  CHECK(mentions(report, "padding does not fit"));
  CHECK(report.keys == 1);
  CHECK(report.repaired);
  CHECK(values_of(path) == Values{{"b", "N"}});
  CHECK(lost_bytes(report.lost, 24) == bad);
}

TEST_CASE("a file made to be slow takes linear time") {
  const Scratch scratch;
  // Frames inside of frames, each of which claims to end where the file does.
  for (const std::size_t n : {std::size_t{20000}, std::size_t{80000}}) {
    std::string file = header_bytes();
    for (std::size_t i = 0; i < n; ++i) {
      file += "\x95" + pickle::le((n - i) * 11 + 8 - 9, 8) + raw("\x8c\0");
    }
    file += raw("\x4a\0\0\0\0\x30\x88\x30");
    const std::string path = scratch.file(file);
    std::uint64_t polls = 0;
    Options options;
    options.poll = [&] { ++polls; };
    fsck(path, false, options);
    CHECK(polls < 32 * file.size() / 65536 + 100);
  }
}

}  // namespace
}  // namespace mmappickle::store
