#include <doctest/doctest.h>

#include "../../src/core/store/fsck.h"
#include "store_testing.h"

namespace mmappickle::store {
namespace {

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

TEST_CASE("a sound file has no findings, and is not written") {
  const Scratch scratch;
  const auto store = Store::open(scratch.path(), Options{});
  put(*store, "n", 5);
  put(*store, "a", doubles_recipe({1, 2, 3}));
  put(*store, "d", nested_recipe({1, 2, 3}));
  put(*store, "n", 6);
  erase(*store, "a");
  put(*store, "a",
      array_recipe("int32", {3}, bytes_source(std::string(12, 'i')),
                   bytes_source(raw("\0\x01\0"))));
  const std::string before = contents(scratch.path());
  os::FaultySeam seam;
  const Report report = fsck(scratch.path(), true, Options{}, seam);
  CHECK(problems(report).empty());
  CHECK(report.keys == 3);
  CHECK_FALSE(report.repaired);
  CHECK(seam.log.empty());
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
    put(*store, key, text_recipe(key + " text"));
    ends.push_back(contents(scratch.path("m")).size() - kTerminatorSize);
  }
  const std::string whole = contents(scratch.path("m"));
  for (std::size_t size = 24; size < whole.size(); ++size) {
    const std::string path = scratch.file(whole.substr(0, size), "cut");
    std::size_t entries = 0;
    while (entries + 1 < ends.size() && ends[entries + 1] <= size) ++entries;
    const Report report = fsck(path, false, Options{});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].at == ends[entries]);
    CHECK(report.findings[0].bytes == size - ends[entries]);
    CHECK(report.keys == entries);
    CHECK_FALSE(report.repaired);
    CHECK(contents(path) == whole.substr(0, size));
    CHECK(fsck(path, true, Options{}).repaired);
    CHECK(values_of(path).size() == entries);
    CHECK(contents(path).size() == ends[entries] + kTerminatorSize);
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
  // The dead entry is no valid pickle still, and vacuum removes it.
  const Report after = fsck(path, true, Options{});
  CHECK(after.findings.size() == 1);
  CHECK(mentions(after, "dead entry"));
  CHECK_FALSE(after.repaired);

  const std::string dead = entry_bytes("c", "K\x01", false);
  scratch.file(header_bytes() + b + dead.substr(0, 9) + "d." + dead.substr(11) +
               terminator_bytes());
  CHECK(mentions(fsck(path, true, Options{}), "half written"));
  CHECK(contents(path).size() == 24 + b.size() + 11);
  CHECK(values_of(path) == Values{{"b", "N"}});
}

TEST_CASE("what stands behind a broken entry is not lost by a repair") {
  const Scratch scratch;
  std::string broken = entry_bytes("a", "K\x01");
  broken[3] = 1;  // longer than the file
  const std::string file = header_bytes() + broken + entry_bytes("b", "N") +
                           entry_bytes("c", "N") + terminator_bytes();
  const std::string path = scratch.file(file);
  const Report report = fsck(path, true, Options{});
  CHECK(mentions(report, "whole entries stand behind"));
  CHECK_FALSE(report.repaired);
  CHECK(contents(path) == file);
}

TEST_CASE("remarks: keys that Python cannot list, paddings that fit nothing") {
  const Scratch scratch;
  const std::string path = scratch.file(
      header_bytes() + entry_bytes("\xff", "N") + "\x95" + pickle::le(12, 8) +
      raw("\x8c\0N\x8e\x52\0\0\0\0\0\0\0") + entry_bytes("b", "N") + terminator_bytes());
  const Report report = fsck(path, true, Options{});
  CHECK(mentions(report, "no valid UTF-8"));
  CHECK(mentions(report, "padding does not fit"));
  CHECK(report.keys == 1);
  CHECK_FALSE(report.repaired);
}

}  // namespace
}  // namespace mmappickle::store
