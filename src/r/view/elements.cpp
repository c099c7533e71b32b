// Elements of a view: where they lie, and how they become R's.
#include "core/numpy/fetch.h"
#include "r/view/access.h"

namespace mmappickle {

namespace {

std::size_t alignment(numpy::RType type) {
  switch (type) {
    case numpy::RType::logical:
    case numpy::RType::integer:
      return alignof(int);
    case numpy::RType::raw:
      return 1;
    default:
      return alignof(double);
  }
}

// True if stepping through the elements in R's order (first axis fastest) means stepping
// through memory by *stride.
bool evenly_spaced(const numpy::Shape& shape, const numpy::Strides& strides,
                   std::int64_t* stride) {
  bool first = true;
  std::int64_t next = 0;  // where the axis after those seen must step to
  *stride = 0;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    if (shape[k] == 1) continue;
    if (first)
      *stride = strides[k];
    else if (strides[k] != next)
      return false;
    first = false;
    next = strides[k] * static_cast<std::int64_t>(shape[k]);
  }
  return true;
}

// For empty arrays, whose data pointer may be anything.
alignas(double) const std::uint8_t kNothing[sizeof(double)] = {0};

}  // namespace

void prepare(View& view) {
  const numpy::Array& array = view.array;
  view.count = array.count();
  view.axes = numpy::whole(array.shape);
  if (view.type != numpy::RType::string) {
    view.decode = numpy::decoder(array.dtype, view.type);
  }
  // Strides of an empty array mean nothing.
  view.even = view.count == 0 ||
              (evenly_spaced(array.shape, array.strides, &view.stride) &&
               (array.mask == nullptr ||
                evenly_spaced(array.shape, array.mask_strides, &view.mask_stride)));
  if (view.file != nullptr) return;  // no pointer to hand out
  if (!numpy::same_layout(array.dtype, view.type) || array.masked) return;
  if (view.count == 0) {
    view.pointer = kNothing;
  } else {
    const bool packed =
        view.even && (view.count == 1 ||
                      view.stride == static_cast<std::int64_t>(array.dtype.itemsize));
    const bool aligned =
        reinterpret_cast<std::uintptr_t>(array.data) % alignment(view.type) == 0;
    if (!packed || !aligned) return;
    view.pointer = array.data;
  }
  view.values = view.pointer;
}

void read_run(View& view, std::uint64_t begin, std::uint64_t n, void* to) {
  if (n == 0) return;
  if (view.values != nullptr) {
    const std::uint64_t size = numpy::r_size(view.type);
    std::memcpy(to, static_cast<const std::uint8_t*>(view.values) + begin * size,
                n * size);
    return;
  }
  const numpy::Array& array = view.array;
  bool inexact = false;
  if (view.file != nullptr) {
    const numpy::Stored stored{array, view.place, *view.file};
    numpy::fetch_run(stored, begin, n, view.type, to, &inexact, {});
  } else if (view.even && array.mask == nullptr) {
    const auto first = static_cast<std::int64_t>(begin) * view.stride;
    view.decode(array.dtype, array.data + first, view.stride, n, to, &inexact);
  } else {
    numpy::gather(array, view.axes, begin, n, view.type, to, &inexact);
  }
  if (inexact) note_inexact(view);
}

template <class Item>
Item read_item(View& view, std::uint64_t i) {
  if (view.values != nullptr) return static_cast<const Item*>(view.values)[i];
  const numpy::Array& array = view.array;
  if (view.file != nullptr) {
    Item item{};
    read_run(view, i, 1, &item);
    return item;
  }
  const std::uint8_t *data, *mask = nullptr;
  if (view.even) {
    data = array.data + static_cast<std::int64_t>(i) * view.stride;
    if (array.mask != nullptr) {
      mask = array.mask + static_cast<std::int64_t>(i) * view.mask_stride;
    }
  } else {
    data = numpy::address(array, i);
    mask = numpy::mask_address(array, i);
  }
  Item item{};
  if (mask != nullptr && *mask != 0) {
    read_run(view, i, 1, &item);  // what NA looks like is known there
    return item;
  }
  bool inexact = false;
  view.decode(array.dtype, data, 0, 1, &item, &inexact);
  if (inexact) note_inexact(view);
  return item;
}

template int read_item<int>(View&, std::uint64_t);
template double read_item<double>(View&, std::uint64_t);
template Rcomplex read_item<Rcomplex>(View&, std::uint64_t);
template Rbyte read_item<Rbyte>(View&, std::uint64_t);

}  // namespace mmappickle
