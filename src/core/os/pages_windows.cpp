#ifdef _WIN32

#include "pages.h"

namespace mmappickle::os {

void expect_filling(void*, std::uint64_t) noexcept {}

}  // namespace mmappickle::os

#endif
