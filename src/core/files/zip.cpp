#include "zip.h"

#include <algorithm>

#include "../base/error.h"
#include "../base/utf8.h"
#include "inflate.h"

namespace mmappickle::files {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kLocalSize = 30, kEntrySize = 46, kEndSize = 22,
                        kMostComment = 65535;
constexpr std::uint64_t kLocatorSize = 20, kEnd64Size = 56;
constexpr std::uint16_t kEncrypted = 1, kZip64Extra = 1;
constexpr std::uint32_t kIn64 = 0xffffffff;  // the number stands in a zip64 field

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::format, "the zip archive is damaged: " + what,
              "It may have been cut off, or changed on its way.");
}

struct Directory {
  std::uint64_t count = 0, size = 0, at = 0;
};

Directory read_end64(Bytes archive, std::uint64_t locator) {
  const Bytes record = archive.slice(locator, kLocatorSize);
  const std::uint64_t at = load_u64(record.data + 8);
  if (load_u32(record.data + 16) > 1 || at > locator || locator - at < kEnd64Size ||
      !archive.from(at).starts_with("PK\6\6"sv)) {
    fail("the end of its directory is not where it is said to be");
  }
  const std::uint8_t* end = archive.data + at;
  if (load_u64(end + 24) != load_u64(end + 32)) fail("it is a part of several");
  const Directory directory{load_u64(end + 32), load_u64(end + 40), load_u64(end + 48)};
  if (directory.at > at || directory.size != at - directory.at) {
    fail("its directory is not where it is said to be");
  }
  return directory;
}

// The last record, behind which there is only its comment.
Directory read_end(Bytes archive) {
  if (archive.size < kEndSize) fail("it has no directory");
  const std::uint64_t last = archive.size - kEndSize;
  for (std::uint64_t at = last;; --at) {
    const Bytes end = archive.from(at);
    if (end.starts_with("PK\5\6"sv) && load_u16(end.data + 20) == last - at) {
      if (load_u16(end.data + 8) != load_u16(end.data + 10)) {
        fail("it is a part of several");
      }
      if (at >= kLocatorSize && archive.from(at - kLocatorSize).starts_with("PK\6\7"sv)) {
        return read_end64(archive, at - kLocatorSize);
      }
      const Directory directory{load_u16(end.data + 10), load_u32(end.data + 12),
                                load_u32(end.data + 16)};
      if (directory.at > at || directory.size != at - directory.at) {
        fail("its directory is not where it is said to be");
      }
      return directory;
    }
    if (at == 0 || last - at == kMostComment) fail("it has no directory");
  }
}

// What stands in the zip64 field for those numbers that say so, in this order.
void read_zip64(Bytes extra, std::uint64_t& size, std::uint64_t& packed,
                std::uint64_t& at) {
  std::uint64_t* wanted[] = {&size, &packed, &at};
  const auto is_wanted = [](const std::uint64_t* n) { return *n == kIn64; };
  if (std::none_of(std::begin(wanted), std::end(wanted), is_wanted)) return;
  while (extra.size >= 4) {
    const std::uint64_t n = load_u16(extra.data + 2);
    if (!extra.holds(4, n)) break;
    if (load_u16(extra.data) != kZip64Extra) {
      extra = extra.from(4 + n);
      continue;
    }
    Bytes field = extra.slice(4, n);
    for (std::uint64_t* number : wanted) {
      if (!is_wanted(number)) continue;
      if (field.size < 8) fail("a large number is missing");
      *number = load_u64(field.data);
      field = field.from(8);
    }
    return;
  }
  // Without the field the numbers are what they are: 2^32 - 1.
}

// Where the member's bytes begin: behind its own header, which says the same once more.
std::uint64_t data_of(Bytes before, std::uint64_t at, std::string_view name,
                      std::uint16_t method) {
  if (!before.holds(at, kLocalSize) || !before.from(at).starts_with("PK\3\4"sv)) {
    fail("a file is not where it is said to be");
  }
  const std::uint8_t* local = before.data + at;
  const std::uint64_t name_size = load_u16(local + 26);
  const std::uint64_t head = kLocalSize + name_size + load_u16(local + 28);
  if (!before.holds(at, head) || load_u16(local + 8) != method ||
      before.slice(at + kLocalSize, name_size).text() != name) {
    fail("a file is described in two ways");
  }
  return at + head;
}

// Sorted by place, none begins before the one before it has ended.
void check_apart(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second) fail("two files lie in the same place");
  }
}

}  // namespace

std::vector<ZipMember> read_zip(Bytes archive) {
  const Directory directory = read_end(archive);
  Bytes left = archive.slice(directory.at, directory.size);
  const Bytes before = archive.slice(0, directory.at);
  if (directory.count > left.size / kEntrySize) fail("it has fewer files than it says");
  std::vector<ZipMember> members;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (left.size < kEntrySize || !left.starts_with("PK\1\2"sv)) {
      fail("an entry of its directory is none");
    }
    const std::uint8_t* entry = left.data;
    const std::uint64_t name_size = load_u16(entry + 28), extra = load_u16(entry + 30);
    const std::uint64_t whole = kEntrySize + name_size + extra + load_u16(entry + 32);
    if (!left.holds(0, whole)) fail("its directory is cut off");
    ZipMember member;
    member.name = std::string(left.slice(kEntrySize, name_size).text());
    const std::uint16_t method = load_u16(entry + 10);
    member.deflated = method == 8;
    member.readable = (method == 0 || method == 8) && !(load_u16(entry + 8) & kEncrypted);
    member.crc = load_u32(entry + 16);
    std::uint64_t packed = load_u32(entry + 20), at = load_u32(entry + 42);
    member.size = load_u32(entry + 24);
    read_zip64(left.slice(kEntrySize + name_size, extra), member.size, packed, at);
    const std::uint64_t data = data_of(before, at, member.name, method);
    if (!before.holds(data, packed)) fail("a file is longer than the archive");
    const bool fits = method != 8 ? member.size == packed || !member.readable
                                  : member.size / kBestRatio <= packed;
    if (!fits) fail("a file is said to have a size that it cannot have");
    member.packed = before.slice(data, packed);
    ranges.emplace_back(at, data + packed);
    if (!member.is_folder()) members.push_back(std::move(member));
    left = left.from(whole);
  }
  if (left.size != 0) fail("its directory holds more than its files");
  std::sort(ranges.begin(), ranges.end());
  check_apart(ranges);
  return members;
}

Bytes content_of(const ZipMember& member, std::vector<std::uint8_t>& made,
                 const std::function<void()>& poll) {
  const std::string name = escape_text(Bytes(member.name));
  if (!member.readable) {
    throw Error(ErrorKind::format,
                "'" + name +
                    "' in the zip archive is encrypted, or packed in a way that "
                    "this package does not read",
                "Unpack it with a program that can, then read that.");
  }
  if (!member.deflated) return member.packed;
  made = inflate(member.packed, member.size, poll);
  const Bytes content(made.data(), made.size());
  if (crc32(content) != member.crc) {
    fail("the checksum of '" + name + "' is another");
  }
  return content;
}

}  // namespace mmappickle::files
