// Calls for memory before it is its turn: where a processor waits for each piece in its
// place, pieces that lie far apart take several times as long. No fault where none can be
// had.
#pragma once

#include <cstdint>

namespace mmappickle {

inline void prefetch(const void* at) {
#ifdef __GNUC__
  __builtin_prefetch(at);
#else
  (void)at;
#endif
}

// Of memory that is written to.
inline void prefetch_to_write(const void* at) {
#ifdef __GNUC__
  __builtin_prefetch(at, 1);
#else
  (void)at;
#endif
}

// Line by line of the processor's cache.
inline void prefetch_all(const std::uint8_t* at, std::int64_t bytes) {
  constexpr std::int64_t kCacheLine = 64;
  for (std::int64_t k = 0; k < bytes; k += kCacheLine) prefetch(at + k);
}

}  // namespace mmappickle
