// Elements of a view: where they lie, and how they become R's.
#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/numpy/fetch.h"
#include "core/numpy/loops.h"
#include "r/interrupt.h"
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

void prepare_lines(View& view) {
  const numpy::Array& array = view.array;
  if (view.even) {
    view.line = {0, view.count, 0, array.data, array.mask};
    return;
  }
  view.stride = array.strides.front();
  view.mask_stride = array.mask != nullptr ? array.mask_strides.front() : 0;
  if (view.type == numpy::RType::string) return;
  constexpr std::uint64_t kBytes = 1 << 20;  // held, or the fewest lines that pay
  constexpr std::uint64_t kColumns = 64;
  view.ahead.tile =
      numpy::tile_size(array, view.axes, kBytes / numpy::r_size(view.type), kColumns);
}

// Some milliseconds long.
std::uint64_t tick() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
             std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) /
         4;
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
  set_values(view, nullptr);
  if (view.file != nullptr) return;  // no pointer to hand out
  prepare_lines(view);
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
  set_values(view, view.pointer);
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

void read_picked(View& view, const std::uint64_t* index, std::uint64_t n, void* to) {
  bool inexact = false;
  if (view.file != nullptr) {
    const numpy::Stored stored{view.array, view.place, *view.file};
    numpy::fetch_linear(stored, index, n, view.type, to, &inexact, {});
  } else {
    numpy::gather_linear(view.array, view.axes, index, n, view.type, to, &inexact);
  }
  if (inexact) note_inexact(view);
}

void read_next(View& view, std::uint64_t begin, std::uint64_t n, void* to) {
  Ahead& ahead = view.ahead;
  const std::uint64_t tile = ahead.tile, calls = Callback::calls(), now = tick();
  const bool goes_on = begin != 0 && begin == ahead.next && n <= tile &&
                       view.values == nullptr && calls == ahead.calls;
  if (!goes_on || now != ahead.tick) ahead.begin = ahead.end = 0;
  ahead.next = begin + n;
  ahead.calls = calls;
  ahead.tick = now;
  if (!goes_on) return read_run(view, begin, n, to);
  const std::uint64_t size = numpy::r_size(view.type);
  auto* out = static_cast<std::uint8_t*>(to);
  while (n > 0) {
    if (begin < ahead.begin || begin >= ahead.end) {
      ahead.begin = begin / tile * tile;
      ahead.end = std::min(ahead.begin + tile, view.count);
      ahead.items.resize(tile * size);
      read_run(view, ahead.begin, ahead.end - ahead.begin, ahead.items.data());
      // However long that took: else a slow machine would read it again for each run.
      ahead.tick = tick();
    }
    const std::uint64_t m = std::min(n, ahead.end - begin);
    std::memcpy(out, ahead.items.data() + (begin - ahead.begin) * size, m * size);
    out += m * size;
    begin += m;
    n -= m;
  }
  if (begin == view.count) {
    ahead = Ahead();
    ahead.tile = tile;
  }
}

namespace {

// Moves view.line to that of element i; false if there is none. R goes along a row from
// line to line.
bool find_line(View& view, std::uint64_t i) noexcept {
  if (i >= view.count || view.file != nullptr) return false;
  const numpy::Array& array = view.array;
  const std::uint64_t count = array.shape.front();
  View::Line& line = view.line;
  if (line.after > 0 && i - (line.begin + count) < count) {
    line.begin += count;
    --line.after;
    line.data += array.strides[1];
    if (line.mask != nullptr) line.mask += array.mask_strides[1];
    return true;
  }
  const std::uint64_t at = i / count, begin = at * count;
  const std::uint64_t lines = array.shape.size() > 1 ? array.shape[1] : 1;
  line = {begin, count, lines - 1 - at % lines, numpy::address(array, begin),
          numpy::mask_address(array, begin)};
  return true;
}

// One element that lies in plain view; false if it does not, or is not exact.
bool decode_item(View& view, std::uint64_t i, void* to) {
  if (view.values != nullptr) return false;
  if (i - view.line.begin >= view.line.count && !find_line(view, i)) return false;
  const auto k = static_cast<std::int64_t>(i - view.line.begin);
  bool inexact = false;
  view.decode(view.array.dtype, view.line.data + k * view.stride, 0, 1, to, &inexact);
  if (view.line.mask != nullptr && view.line.mask[k * view.mask_stride] != 0) {
    const std::uint8_t masked = 1;
    numpy::apply_mask(&masked, 0, 1, view.type, static_cast<std::uint8_t*>(to));
    return true;
  }
  return !inexact || view.inexact;
}

}  // namespace

template <class Item>
Item any_element(View* view, std::uint64_t i) {
  // R takes dims that somebody wrote into a serialized vector at their word.
  if (i >= view->count) Rf_errorcall(R_NilValue, "subscript out of bounds");
  Item item{};
  Item* to = &item;
  if (!decode_item(*view, i, to)) shield([=] { read_run(*view, i, 1, to); });
  check_stood(*view);
  return item;
}

template int any_element<int>(View*, std::uint64_t);
template double any_element<double>(View*, std::uint64_t);
template Rcomplex any_element<Rcomplex>(View*, std::uint64_t);
template Rbyte any_element<Rbyte>(View*, std::uint64_t);

}  // namespace mmappickle
