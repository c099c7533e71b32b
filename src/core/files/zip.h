// The directory of a zip archive (APPNOTE 6.3.10; zip64, too), read from its end. All of
// it is foreign: members lie inside the file, before the directory, in ranges of their
// own, and each says the same in both places where it is described.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "../base/bytes.h"

namespace mmappickle::files {

struct ZipMember {
  std::string name;                        // any bytes, as they stand there
  bool deflated = false, readable = true;  // not encrypted, of a method known here
  Bytes packed;                            // stored: the content, as it lies there
  std::uint64_t size = 0;                  // of the content; at most kBestRatio x packed
  std::uint32_t crc = 0;
  bool is_folder() const { return !name.empty() && name.back() == '/'; }
  bool ends_with(std::string_view end) const {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  }
};

// All members, folders left out, in the directory's order. Memory and time are linear in
// the directory. Error of kind format, that says what does not fit.
std::vector<ZipMember> read_zip(Bytes archive);

// The content of one. What had to be inflated is kept in `made`; its checksum must fit
// (that of what is stored is not looked at: arrays are mapped, not read). Error of kind
// format for what is damaged, or not readable.
Bytes content_of(const ZipMember& member, std::vector<std::uint8_t>& made,
                 const std::function<void()>& poll);

}  // namespace mmappickle::files
