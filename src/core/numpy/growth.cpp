// Growing arrays: what their entries say of their room.
#include <algorithm>

#include "../pickle/opcodes.h"
#include "array_form.h"
#include "form_bytes.h"
#include "form_cursor.h"

namespace mmappickle::numpy {

namespace {

namespace op = pickle::op;

// Bytes that are pushed, put into a memo slot and popped, behind a filling maybe.
bool take_kept(Cursor& c, std::string_view keep, std::uint64_t& at, std::uint64_t& size) {
  Image bytes;
  if (!skip_filling(c) || take_bytes(c, bytes) != Parse::ok || !c.take(keep)) {
    return false;
  }
  at = bytes.at();
  size = bytes.size();
  return true;
}

}  // namespace

bool read_growth(const Image& body, Growth& growth) {
  growth = Growth();
  Cursor c(body);
  Bytes key;
  if (take_short_text(c, key) != Parse::ok ||
      !take_kept(c, "q\0000"sv, growth.data_at, growth.capacity)) {
    return false;
  }
  Cursor masked = c;
  if (take_kept(masked, "q\x01\x30"sv, growth.mask_at, growth.mask_capacity)) {
    c = masked;
    if (!skip_filling(c) || !c.take(kMaskedArray)) return false;
    c.take(op::MARK);  // there is a fill value
  } else {
    growth.mask_at = 0;
    if (!skip_filling(c)) return false;
  }
  Extents extents;
  if (!c.take(kGrowing) || !find_length(c, growth.length_at) ||
      take_shape(c, extents) != Parse::ok || extents.shape.empty() || extents.negative) {
    return false;
  }
  growth.length = extents.shape[0];
  growth.grows = true;
  return true;
}

std::uint64_t Growth::most_rows(const Dtype& dtype, const Shape& shape) const {
  constexpr std::uint64_t kMost = INT32_MAX;
  const Shape row(shape.begin() + 1, shape.end());
  const auto fit = [&](std::uint64_t bytes, std::uint64_t itemsize) {
    Strides strides;
    std::uint64_t size = 0;
    if (!contiguous_strides(row, itemsize, false, strides, size)) return std::uint64_t{0};
    return size == 0 ? kMost : std::min(bytes / size, kMost);
  };
  const std::uint64_t rows = fit(capacity, dtype.itemsize);
  return mask_at == 0 ? rows : std::min(rows, fit(mask_capacity, mask_itemsize(dtype)));
}

bool Growth::is_atomic() const {
  constexpr std::uint64_t kPage = 4096;
  const auto whole = [](std::uint64_t at) { return at % kPage <= kPage - 4; };
  return whole(length_at) && (head_length_at == 0 || whole(head_length_at));
}

}  // namespace mmappickle::numpy
