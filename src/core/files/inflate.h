// zlib's compression (RFC 1950, 1951), unpacked: all that zip files and joblib's dumps
// need of it. Input is foreign: whatever it says, no more than `most` bytes are made, and
// none but from what was there.
#pragma once

#include <functional>
#include <vector>

#include "../base/bytes.h"

namespace mmappickle::files {

// The format cannot do better than this (258 bytes by two bits, and what is around).
constexpr std::uint64_t kBestRatio = 1032;

// A raw deflate stream, which must give `size` bytes, no more, no less, and end where
// `packed` does. Error of kind format for what is damaged. `poll` may be empty.
std::vector<std::uint8_t> inflate(Bytes packed, std::uint64_t size,
                                  const std::function<void()>& poll);
// A zlib stream, whose own checksum must fit.
std::vector<std::uint8_t> inflate_zlib(Bytes packed, const std::function<void()>& poll);

std::uint32_t crc32(Bytes bytes);

}  // namespace mmappickle::files
