#include "slice.h"

#include <algorithm>

#include "../base/error.h"
#include "loops.h"

namespace mmappickle::numpy {
namespace {

Decode needed_decoder(const Dtype& dtype, RType type) {
  const Decode decode = decoder(dtype, type);
  if (decode) return decode;
  throw Error(ErrorKind::unsupported,
              "Elements of dtype " + text(dtype) + " have no such type in R.");
}

}  // namespace

std::vector<Axis> whole(const Shape& shape) {
  std::vector<Axis> axes(shape.size());
  for (std::size_t k = 0; k < shape.size(); ++k) axes[k].count = shape[k];
  return axes;
}

void gather(const Array& array, const std::vector<Axis>& axes, std::uint64_t begin,
            std::uint64_t n, RType type, void* to, bool* inexact) {
  const Loops loops = make_loops(array, axes);
  gather_loops(loops, array.dtype, needed_decoder(array.dtype, type), type, r_size(type),
               begin, n, static_cast<std::uint8_t*>(to), inexact);
}

std::uint64_t tile_size(const Array& array, const std::vector<Axis>& axes,
                        std::uint64_t most, std::uint64_t columns) {
  const Loops loops = make_loops(array, axes);
  if (loops.total == 0) return 0;
  const std::size_t k = closest_loop(loops, most);
  if (k == 0) return 0;
  // Equal parts of the loop.
  const Loop& loop = loops.loop[k];
  columns = std::clamp(most / loop.out, kFewColumns, std::min(columns, loop.count));
  const std::uint64_t parts = (loop.count + columns - 1) / columns;
  return (loop.count + parts - 1) / parts * loop.out;
}

void gather_linear(const Array& array, const std::vector<Axis>& axes,
                   const std::uint64_t* index, std::uint64_t n, RType type, void* to,
                   bool* inexact) {
  const Loops loops = make_loops(array, axes);
  pick_loops(loops, array.dtype, needed_decoder(array.dtype, type), type, r_size(type),
             index, n, static_cast<std::uint8_t*>(to), inexact);
}

void visit_elements(const Array& array, const std::vector<Axis>& axes,
                    std::uint64_t begin, std::uint64_t n, const Visit& visit) {
  const Loops loops = make_loops(array, axes);
  if (loops.total == 0) return;
  Odometer at(loops, begin);
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint8_t* mask = at.mask();
    visit(i, at.data(), mask && *mask);
    if (loops.rank > 0) at.advance(0, 1);
  }
}

Visit as_text(const Dtype& dtype, const VisitText& text, bool* escaped) {
  return [&dtype, &text, escaped](std::uint64_t i, const std::uint8_t* element,
                                  bool masked) {
    if (masked) return text(i, nullptr);
    std::string decoded = decode_string(dtype, element, escaped);
    text(i, &decoded);
  };
}

std::int64_t linear_offset(const Shape& shape, const Strides& strides,
                           std::uint64_t linear) {
  std::int64_t offset = 0;
  for (std::size_t k = 0; k + 1 < shape.size(); ++k) {
    offset += static_cast<std::int64_t>(linear % shape[k]) * strides[k];
    linear /= shape[k];
  }
  if (!shape.empty()) offset += static_cast<std::int64_t>(linear) * strides.back();
  return offset;
}

const std::uint8_t* address(const Array& array, std::uint64_t linear) {
  return array.data + linear_offset(array.shape, array.strides, linear);
}

const std::uint8_t* mask_address(const Array& array, std::uint64_t linear) {
  if (!array.masked || !array.mask) return nullptr;
  return array.mask + linear_offset(array.shape, array.mask_strides, linear);
}

}  // namespace mmappickle::numpy
