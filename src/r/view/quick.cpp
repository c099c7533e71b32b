// Single elements, of which R asks by the million where it has no other way: is.na(),
// mean() of integers, anyNA() of logicals, x[i, j]. A view holds the function that reads
// one of its own: a few instructions, and whatever is out of the ordinary is left to
// any_element().
#include <limits>

#include "core/numpy/datetime.h"
#include "core/numpy/exact_ratio.h"
#include "core/numpy/items.h"
#include "r/view/access.h"

namespace mmappickle {

namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// What items of so many bits are. from() is false for what needs a second look.
template <class Of, class Number, class Out = int>
struct Numbers {
  using Bits = Of;
  using Item = Out;
  static bool from(Bits bits, const View&, Item& item) {
    item = static_cast<Item>(numpy::bits_as<Number>(bits));
    return true;
  }
};
struct Booleans {
  using Bits = u8;
  using Item = int;
  static bool from(Bits bits, const View&, Item& item) {
    item = bits != 0;
    return true;
  }
};
struct Halves {
  using Bits = u16;
  using Item = double;
  static bool from(Bits bits, const View&, Item& item) {
    item = numpy::half_to_double(bits);
    return true;
  }
};
template <class Number>
struct Wide {  // false where a double may have no such number
  using Bits = u64;
  using Item = double;
  static bool from(Bits bits, const View&, Item& item) {
    constexpr u64 kExact = u64{1} << 53;
    item = static_cast<double>(static_cast<Number>(bits));
    return std::is_signed<Number>::value ? bits + kExact <= 2 * kExact : bits <= kExact;
  }
};
struct Ticks {  // divided by view.ticks, each exact
  using Bits = u64;
  using Item = double;
  static bool from(Bits bits, const View& view, Item& item) {
    constexpr u64 kExact = u64{1} << 53;
    item = static_cast<double>(static_cast<std::int64_t>(bits)) / view.ticks;
    return bits + kExact <= 2 * kExact;
  }
};
template <class Of, class Number>
struct Complexes {  // a real part, and an imaginary one behind it
  using Bits = Of;
  using Item = Rcomplex;
  static double part(Bits bits) {
    return static_cast<double>(numpy::bits_as<Number>(bits));
  }
};
struct Nanoseconds {
  using Bits = u64;
  using Item = double;
  static bool from(Bits bits, const View&, Item& item) {
    const auto ticks = static_cast<std::int64_t>(bits);
    return ticks != numpy::kNaT && numpy::exact_nanoseconds(ticks, item);
  }
};

template <class Kind, bool kSwap>
bool item_at(const u8* at, const View& view, typename Kind::Item& item) {
  using Bits = typename Kind::Bits;
  const Bits bits = numpy::load_item<Bits, kSwap>(at);
  if constexpr (std::is_same<typename Kind::Item, Rcomplex>::value) {
    item.r = Kind::part(bits);
    item.i = Kind::part(numpy::load_item<Bits, kSwap>(at + sizeof(Bits)));
    return true;
  } else {
    return Kind::from(bits, view, item);
  }
}

template <class Item>
Item value(View* view, u64 i) {
  if (likely(i < view->count)) {
    const Item item = static_cast<const Item*>(view->values)[i];
    if (has_stood(*view)) return item;
  }
  return any_element<Item>(view, i);
}

bool is_masked(const View::Line& line, std::int64_t step, std::int64_t stride) {
  return !likely(line.mask == nullptr) && line.mask[step * stride] != 0;
}

template <class Kind, bool kSwap>
typename Kind::Item converted(View* view, u64 i) {
  using Item = typename Kind::Item;
  const View::Line& line = view->line;
  const u64 k = i - line.begin;
  if (likely(k < line.count)) {
    const auto step = static_cast<std::int64_t>(k);
    const u8* at = line.data + step * view->stride;
    Item item;
    if (likely(item_at<Kind, kSwap>(at, *view, item) &&
               !is_masked(line, step, view->mask_stride)) &&
        has_stood(*view)) {
      return item;
    }
  }
  return any_element<Item>(view, i);
}

template <class Kind>
void choose(View& view) {
  const bool swap = !is_host_order(view.array.dtype);
  view.set_element(swap ? converted<Kind, true> : converted<Kind, false>);
}

void choose_integers(View& view) {
  const bool is_signed = view.array.dtype.kind == numpy::Kind::integer;
  switch (view.array.dtype.itemsize) {
    case 1:
      return is_signed ? choose<Numbers<u8, std::int8_t>>(view)
                       : choose<Numbers<u8, u8>>(view);
    case 2:
      return is_signed ? choose<Numbers<u16, std::int16_t>>(view)
                       : choose<Numbers<u16, u16>>(view);
    default:
      return choose<Numbers<u32, std::int32_t>>(view);
  }
}

void choose_reals(View& view) {
  const numpy::Dtype& dtype = view.array.dtype;
  switch (dtype.kind) {
    case numpy::Kind::integer:
      if (dtype.itemsize == 8) choose<Wide<std::int64_t>>(view);
      return;
    case numpy::Kind::unsigned_integer:
      if (dtype.itemsize == 8) choose<Wide<u64>>(view);
      if (dtype.itemsize == 4) choose<Numbers<u32, u32, double>>(view);
      return;
    case numpy::Kind::floating:
      if (dtype.itemsize == 2) choose<Halves>(view);
      if (dtype.itemsize == 4) choose<Numbers<u32, float, double>>(view);
      if (dtype.itemsize == 8) choose<Numbers<u64, double, double>>(view);
      return;
    case numpy::Kind::datetime:
    case numpy::Kind::timedelta:
      view.ticks = numpy::TimeScale(dtype).divisor();
      if (view.ticks == 1e9) return choose<Nanoseconds>(view);
      if (view.ticks != 0) choose<Ticks>(view);
      return;
    default:
      return;
  }
}

template <class Item>
void choose_element(View& view) {
  view.set_element(view.values != nullptr ? value<Item> : any_element<Item>);
}

}  // namespace

void set_values(View& view, const void* values) {
  view.values = values;
  switch (view.type) {
    case numpy::RType::logical:
    case numpy::RType::integer:
      choose_element<int>(view);
      if (values != nullptr) return;
      if (view.type == numpy::RType::logical) return choose<Booleans>(view);
      return choose_integers(view);
    case numpy::RType::real:
    case numpy::RType::integer64:
      choose_element<double>(view);
      if (values == nullptr && view.type == numpy::RType::real) choose_reals(view);
      return;
    case numpy::RType::complex:
      choose_element<Rcomplex>(view);
      if (values != nullptr) return;
      if (view.array.dtype.itemsize == 8) return choose<Complexes<u32, float>>(view);
      if (view.array.dtype.itemsize == 16) return choose<Complexes<u64, double>>(view);
      return;
    case numpy::RType::raw:
      return choose_element<Rbyte>(view);
    case numpy::RType::string:
      return;
  }
}

}  // namespace mmappickle
