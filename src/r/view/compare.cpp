#include "r/view/compare.h"

#include <algorithm>
#include <cstring>

#include "r/vector.h"

namespace mmappickle {

bool shows_its_file(SEXP x, const View& view) {
  if (!has_own_memory(x)) return true;
  if (view.mapping == nullptr) return false;  // not to be compared with
  if (view.watch && !view.watch->is_current()) return false;
  const std::vector<numpy::Axis> axes = numpy::whole(view.array.shape);
  if (view.type == numpy::RType::string) {
    bool same = true, escaped = false;
    const numpy::VisitText compare = [&](std::uint64_t i, const std::string* shown) {
      SEXP own = string_elt(x, static_cast<R_xlen_t>(i));
      same =
          same && (shown == nullptr ? own == NA_STRING
                                    : *shown == std::string_view(CHAR(own), LENGTH(own)));
    };
    visit_elements(view.array, axes, 0, view.count,
                   as_text(view.array.dtype, compare, &escaped));
    return same;
  }
  constexpr std::uint64_t kChunk = 1 << 16;
  const std::uint64_t size = numpy::r_size(view.type);
  const auto* own = static_cast<const std::uint8_t*>(read_pointer(x));
  std::vector<std::uint8_t> chunk(kChunk * size);
  for (std::uint64_t i = 0; i < view.count; i += kChunk) {
    const std::uint64_t n = std::min(kChunk, view.count - i);
    bool inexact = false;
    gather(view.array, axes, i, n, view.type, chunk.data(), &inexact);
    if (std::memcmp(chunk.data(), own + i * size, n * size) != 0) return false;
  }
  return true;
}

}  // namespace mmappickle
