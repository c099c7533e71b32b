// Memory for large results.
#pragma once

#include <cstdint>

namespace mmappickle::os {

// Asks the system for huge pages (2 MB) in memory that is about to be filled, where
// `size` is large: then it need not be cleared and mapped by 4 kB at a time, which takes
// longer than to copy. A wish: nothing happens where there are none.
void expect_filling(void* at, std::uint64_t size) noexcept;

}  // namespace mmappickle::os
