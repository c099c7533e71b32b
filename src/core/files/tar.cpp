#include "tar.h"

#include <optional>

#include "../base/error.h"

namespace mmappickle::files {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kSizeAt = 124, kSizeWidth = 12, kSumAt = 148, kSumWidth = 8,
                        kTypeAt = 156, kMagicAt = 257;

[[noreturn]] void fail(const std::string& what, const std::string& hint = {}) {
  throw Error(ErrorKind::format, "the tar archive " + what, hint);
}

// Octal digits between spaces, up to a NUL; GNU's binary numbers have the top bit set.
std::optional<std::uint64_t> number(Bytes field) {
  std::uint64_t value = 0;
  if (field[0] & 0x80) {
    if (field[0] != 0x80) return {};
    for (std::uint64_t i = 1; i < field.size; ++i) {
      if (value >> 56) return {};
      value = value << 8 | field[i];
    }
    return value;
  }
  std::uint64_t i = 0;
  while (i < field.size && field[i] == ' ') ++i;
  for (; i < field.size && field[i] != 0 && field[i] != ' '; ++i) {
    if (field[i] < '0' || field[i] > '7') return {};
    value = value << 3 | static_cast<std::uint64_t>(field[i] - '0');
  }
  return value;
}

// Of all bytes of the header, those of the sum itself counted as spaces.
bool sum_fits(Bytes header) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < kBlock; ++i) {
    sum += i >= kSumAt && i < kSumAt + kSumWidth ? std::uint64_t{' '} : header[i];
  }
  return number(header.slice(kSumAt, kSumWidth)) == sum;
}

}  // namespace

bool is_tar(Bytes head) {
  return head.size >= kBlock && head.from(kMagicAt).starts_with("ustar") &&
         sum_fits(head);
}

Bytes only_file_of_tar(Bytes archive) {
  std::optional<Bytes> found;
  while (archive.size >= kBlock && archive[0] != 0) {
    if (!is_tar(archive)) fail("is damaged");
    const std::optional<std::uint64_t> size = number(archive.slice(kSizeAt, kSizeWidth));
    const char type = static_cast<char>(archive[kTypeAt]);
    if (!size || !archive.holds(kBlock, *size)) fail("is cut off, or damaged");
    if (type == '0' || type == '\0') {
      if (found) {
        fail("holds several files", "untar() them, then read the one that is wanted.");
      }
      found = archive.slice(kBlock, *size);
    }
    const std::uint64_t blocks =
        (*size + kBlock - 1) / kBlock;  // *size < bytes there are
    if (!archive.holds(kBlock, blocks * kBlock)) break;
    archive = archive.from(kBlock + blocks * kBlock);
  }
  if (!found) fail("holds no file");
  return *found;
}

}  // namespace mmappickle::files
