#ifndef _WIN32

#include <sys/mman.h>

#include "pages.h"

namespace mmappickle::os {

#ifdef MADV_HUGEPAGE
void expect_filling(void* at, std::uint64_t size) noexcept {
  constexpr std::uint64_t kLarge = std::uint64_t{4} << 20, kPage = std::uint64_t{2} << 20;
  if (size < kLarge) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(at);
  const std::uint64_t skipped = (kPage - begin % kPage) % kPage;
  ::madvise(static_cast<char*>(at) + skipped,
            static_cast<std::size_t>((size - skipped) / kPage * kPage), MADV_HUGEPAGE);
}
#else
void expect_filling(void*, std::uint64_t) noexcept {}
#endif

}  // namespace mmappickle::os

#endif
