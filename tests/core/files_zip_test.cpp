#include "files/content.h"
#include "files/inflate.h"
#include "files/tar.h"
#include "files/zip.h"
#include "files_testing.h"

namespace mmappickle::files {
namespace {

// What is said of a member, in both places unless `local_name` differs.
struct Said {
  std::string name, data;
  std::uint64_t method = 0, size = 0, packed = 0, at = 0, flags = 0;
  std::string local_name, extra;
};

Said stored(const std::string& name, const std::string& data) {
  return {name, data, 0, data.size(), data.size(), 0, 0, name, ""};
}

// `end`: changes the record at the end: count, size and place of the directory.
struct End {
  std::uint64_t count, size, at;
};
template <class Change, class ChangeEnd>
std::string archive_of(std::vector<Said> members, Change&& change,
                       ChangeEnd&& change_end) {
  std::string out, directory;
  for (Said& said : members) {
    said.at = out.size();
    out += "PK\3\4" + le(20, 2) + le(said.flags, 2) + le(said.method, 2) + le(0, 4) +
           le(crc32(Exact(said.data)), 4) + le(said.packed, 4) + le(said.size, 4) +
           le(said.local_name.size(), 2) + le(0, 2) + said.local_name + said.data;
  }
  change(members);
  for (const Said& said : members) {
    directory += "PK\1\2" + le(20, 2) + le(20, 2) + le(said.flags, 2) +
                 le(said.method, 2) + le(0, 4) + le(crc32(Exact(said.data)), 4) +
                 le(said.packed, 4) + le(said.size, 4) + le(said.name.size(), 2) +
                 le(said.extra.size(), 2) + le(0, 2) + le(0, 8) + le(said.at, 4) +
                 said.name + said.extra;
  }
  End end{members.size(), directory.size(), out.size()};
  change_end(end);
  return out + directory + "PK\5\6" + le(0, 4) + le(end.count, 2) + le(end.count, 2) +
         le(end.size, 4) + le(end.at, 4) + le(0, 2);
}
template <class Change>
std::string archive_of(std::vector<Said> members, Change&& change) {
  return archive_of(std::move(members), change, [](End&) {});
}

std::string read(const std::string& archive) {
  return outcome([&] {
    const Exact bytes(archive);
    for (const ZipMember& member : read_zip(bytes)) {
      std::vector<std::uint8_t> made;
      content_of(member, made, {});
    }
  });
}

TEST_CASE("zip: members where they stand, folders left out") {
  const std::string archive = archive_of(
      {stored("a", "one"), stored("b/", ""), stored("b/c", "three")}, [](auto&) {});
  const Exact bytes(archive);
  const std::vector<ZipMember> members = read_zip(bytes);
  REQUIRE(members.size() == 2);
  CHECK(members[0].name == "a");
  CHECK(members[1].name == "b/c");
  CHECK(members[1].packed.text() == "three");
  CHECK(read_zip(Exact(archive_of({}, [](auto&) {}))).empty());
  // A comment that looks like the end of an archive is none.
  std::string commented = archive;
  commented.replace(commented.size() - 2, 2, le(26, 2));
  commented += "PK\5\6" + std::string(20, 'x') + le(0, 2);
  CHECK(read(commented).size() > 0);
}

TEST_CASE("zip: directories that lie") {
  const std::vector<Said> two = {stored("a", "one"), stored("b", "three")};
  using Members = std::vector<Said>;
  const auto lie = [&](auto&& change) { return read(archive_of(two, change)); };
  const auto lie_at_end = [&](auto&& change) {
    return read(archive_of(
        two, [](Members&) {}, change));
  };
  CHECK(lie([](Members&) {}) == "ok");
  CHECK(has(lie([](Members& m) {
              m[1].at = m[0].at;
              m[1].name = "a";
            }),
            "same place"));
  CHECK(has(lie([](Members& m) { m[0].packed = m[0].size = 36; }), "same place"));
  CHECK(has(lie([](Members& m) { m[1].packed = m[1].size = 1000; }), "longer than"));
  CHECK(has(lie([](Members& m) { m[1].size = 6; }), "cannot have"));
  CHECK(has(lie([](Members& m) { m[1].name = "c"; }), "two ways"));
  CHECK(has(lie([](Members& m) { m[1].method = 8; }), "two ways"));
  CHECK(has(lie([](Members& m) { m[1].at = 5; }), "not where"));
  CHECK(has(lie([](Members& m) { m[1].at = 0xfffffffe; }), "not where"));
  CHECK(has(lie([](Members& m) { m[1].at = 0xffffffff; }), "not where"));
  CHECK(has(lie([](Members& m) { m[1].flags = 1; }), "encrypted"));
  CHECK(has(lie([](Members& m) {
              m[1].at = 0xffffffff;
              m[1].extra = le(1, 2) + le(4, 2) + le(0, 4);
            }),
            "large number"));
  CHECK(has(lie([](Members& m) {
              m[1].at = 0xffffffff;
              m[1].extra = le(1, 2) + le(8, 2) + le(UINT64_MAX, 8);
            }),
            "not where"));
  CHECK(has(lie_at_end([](End& e) { e.count = 3; }), "fewer"));
  CHECK(has(lie_at_end([](End& e) { e.count = 65535; }), "fewer"));
  CHECK(has(lie_at_end([](End& e) { e.count = 1; }), "more than"));
  CHECK(has(lie_at_end([](End& e) { ++e.at; }), "not where"));
  CHECK(has(lie_at_end([](End& e) { --e.size; }), "not where"));
  CHECK(has(lie_at_end([](End& e) { e.at = 0xfffffff0; }), "not where"));
}

TEST_CASE("zip: cut off, and changed, at every byte") {
  const std::string whole =
      archive_of({stored("a", "one"), stored("b", "three")}, [](auto&) {});
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK(read(whole.substr(0, n)) != "ok");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int mask : {1, 0x80, 0xff}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ mask);
      read(changed);  // any outcome, inside its bytes
    }
  }
}

TEST_CASE("zip: what deflate cannot give is not promised") {
  const std::string packed = from_hex("4b4c4a06004a3e8c20").substr(0, 5);
  Said said{"a", packed, 8, packed.size() * kBestRatio + kBestRatio, packed.size(), 0,
            0,   "a",    ""};
  CHECK(has(read(archive_of({said}, [](auto&) {})), "cannot have"));
}

// 200 lines, by zlib at level 9.
constexpr std::uint64_t kTextSize = 3566;
const char kText[] =
    "edd53b0e02310c04d09e53ec1148b29b648f430112d20a1a0a8e8f68f340c901d25afe8eed99"
    "e3feb82ee7e5795b2ecbebfa7e9d8eaf21b486b535ec84e4d612b7d692f059c9932955e92651"
    "8aa0b5b4961289222f95323ebb53d14e1150f26c44eda223ec6ec63c446df4531994b1220856"
    "a2364a4506adaed885523de05381270b181d26fa09ce0e82605a69b03056d1270d5806325bdd"
    "0e737f4eb1102f3115f730b03f77ec1d782bde9337e75d7abbb5ff017ec98f4f0a031f99fb9f"
    "edf7cb10b2884c9307182bf6794f6e943f539f85656ad93c0da882cab177e58766a6844d099b"
    "1236256c4ad894b02961ff9afd00";

TEST_CASE("inflate: blocks of each kind") {
  const auto text = [](const char* hex, std::uint64_t size) {
    const Exact packed(from_hex(hex));
    const auto out = inflate(packed, size, {});
    return std::string(out.begin(), out.end());
  };
  CHECK(text("4b4c4a4e444200", 15) == "abcabcabcabcabc");
  CHECK(text("010500faff706c61696e", 5) == "plain");
  const Exact lines(text(kText, kTextSize));
  CHECK(crc32(lines) == 0x2ba1133eu);
  CHECK(crc32(Exact("123456789")) == 0xcbf43926u);
  CHECK(inflate_zlib(Exact(from_hex("789ccbca4fcac94ccaa23b090091d130e9")), {}).size() ==
        120);
}

TEST_CASE("inflate: damaged streams are refused, or give as many bytes as they should") {
  const std::string whole = from_hex(kText);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const Exact cut(whole.substr(0, n));
    CHECK(outcome([&] { inflate(cut, kTextSize, {}); }) != "ok");
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const Exact bytes(changed);
    std::uint64_t size = kTextSize;
    outcome([&] { size = inflate(bytes, kTextSize, {}).size(); });
    CHECK(size == kTextSize);
  }
  const Exact sound(whole);
  const std::uint64_t lies[] = {0, 1, kTextSize - 1, kTextSize + 1};
  for (const std::uint64_t size : lies) {
    CHECK(outcome([&] { inflate(sound, size, {}); }) != "ok");
  }
  CHECK(outcome([&] { inflate(Exact(whole + "x"), kTextSize, {}); }) != "ok");
  const std::string zlib = from_hex("789ccbca4fcac94ccaa23b090091d130e9");
  for (std::size_t n = 0; n < zlib.size(); ++n) {
    CHECK(outcome([&] { inflate_zlib(Exact(zlib.substr(0, n)), {}); }) != "ok");
  }
  std::string other = zlib;
  other.back() = static_cast<char>(other.back() ^ 1);
  CHECK(has(outcome([&] { inflate_zlib(Exact(other), {}); }), "checksum"));
}

std::string tar_header(const std::string& size, char type) {
  std::string header(512, '\0');
  header.replace(0, 1, "a");
  header.replace(124, size.size(), size);
  header[156] = type;
  header.replace(257, 5, "ustar");
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<std::uint8_t>(c);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  return header.replace(148, 7, std::string(digits, 7));
}

TEST_CASE("tar: the one file, whatever stands around it") {
  const std::string data = "content" + std::string(505, '\0');
  const auto read_tar = [](const std::string& archive) {
    const Exact bytes(archive);
    std::string content;
    const std::string result =
        outcome([&] { content = std::string(only_file_of_tar(bytes).text()); });
    return result == "ok" ? content : result;
  };
  const std::string file = tar_header("00000000007", '0') + data;
  CHECK(read_tar(file) == "content");
  CHECK(read_tar(file + std::string(1024, '\0')) == "content");
  CHECK(read_tar(tar_header("00000000007", 'x') + data + file) == "content");
  CHECK(read_tar(tar_header(raw("\x80\0\0\0\0\0\0\0\0\0\0\7"), '0') + data) == "content");
  CHECK(has(read_tar(file + file), "several"));
  CHECK(has(read_tar(tar_header("00000000000", '5')), "no file"));
  CHECK(has(read_tar(tar_header("77777777777", '0') + data), "cut off"));
  CHECK(has(read_tar(tar_header("0000000000x", '0') + data), "damaged"));
  CHECK(has(read_tar(tar_header(std::string(12, '\xff'), '0') + data), "damaged"));
  CHECK(
      has(read_tar(tar_header("\x80" + std::string(11, '\xff'), '0') + data), "damaged"));
  CHECK(has(read_tar(file.substr(0, 515)), "cut off"));
}

TEST_CASE("content: packed again and again, but not for ever") {
  std::string file = "\x80\x04N.";
  for (int level = 0; level < 6; ++level) {
    const Exact bytes(file);
    std::string content;
    const std::string result =
        outcome([&] { content = std::string(Content(bytes, {}).bytes().text()); });
    CHECK((level <= 4 ? content == "\x80\x04N." : has(result, "again and again")));
    file = archive_of({stored("a.pkl", file)}, [](auto&) {});
  }
  const std::string beside = archive_of(
      {stored("a.pkl", "\x80\x04N."), stored("__MACOSX/._a.pkl", "x")}, [](auto&) {});
  CHECK(Content(Exact(beside), {}).bytes().size == 4);
  CHECK(has(outcome([&] {
              Content(Exact(archive_of({stored("a.gz", "\x1f\x8b\x08")}, [](auto&) {})),
                      {});
            }),
            "in the archive is compressed by gzip"));
}

}  // namespace
}  // namespace mmappickle::files
