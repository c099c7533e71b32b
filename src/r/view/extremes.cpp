// The least and the largest element of a view, found faster than by giving R the elements
// in its order.
#include <cmath>
#include <limits>
#include <type_traits>

#include "r/view/chunks.h"

namespace mmappickle {

namespace {

// Items are compared by keys: signed integers in which all that is missing lies at one
// end. As the best of all, where it counts; as the worst, where it is to be removed.
template <class Integer>
Integer wrapped_sum(Integer a, Integer b) {
  using Bits = std::make_unsigned_t<Integer>;
  return static_cast<Integer>(static_cast<Bits>(a) + static_cast<Bits>(b));
}

// The least integer is NA: it lies at the lower end, or one below that.
template <class Integer>
class IntegerKeys {
 public:
  using Key = Integer;
  explicit IntegerKeys(bool missing_on_top) : shift_(missing_on_top ? -1 : 0) {}
  Key key(Integer item) const { return wrapped_sum(item, shift_); }
  Integer item(Key key) const { return wrapped_sum<Integer>(key, -shift_); }
  bool is_missing(Key key) const {
    return item(key) == std::numeric_limits<Integer>::min();
  }

 private:
  const Integer shift_;
};

// Of the bits of floats. NaN lie at both ends, by their sign.
class FloatKeys {
 public:
  using Key = int;
  FloatKeys(const FloatBits& bits, bool missing_on_top)
      : bits_(bits),
        shift_(missing_on_top ? wrapped_sum(INT_MIN, bits.infinity + 1)
                              : INT_MAX - bits.infinity) {}
  Key key(int item) const { return wrapped_sum(ordered(item), shift_); }
  int item(Key key) const { return ordered(wrapped_sum(key, -shift_)); }
  bool is_missing(Key key) const { return (item(key) & bits_.size) > bits_.infinity; }

 private:
  // As large as another's where its float is; and back.
  int ordered(int bits) const { return bits ^ ((bits >> 31) & bits_.size); }
  const FloatBits& bits_;
  const int shift_;
};

template <class Item>
struct Extreme {
  Item item;
  bool is_known;  // there was one, and none was missing that is not to be removed
};

template <bool kMost, class Key>
Key better(Key a, Key b) {
  return (kMost ? a > b : a < b) ? a : b;
}

template <bool kMost, class Key, class Item, class KeyOf>
Key best_of(const Item* items, std::uint64_t n, Key best, const KeyOf& key_of) {
  constexpr std::uint64_t kCount = kLanes<Key>;
  Key lanes[kCount];
  std::fill_n(lanes, kCount, best);
  in_lanes<kCount>(n, [&](std::uint64_t i, std::uint64_t k) {
    lanes[k] = better<kMost>(key_of(items[i]), lanes[k]);
  });
  for (const Key lane : lanes) best = better<kMost>(lane, best);
  return best;
}

// May throw.
template <bool kMost, class Keys, class Key = typename Keys::Key>
Extreme<Key> extreme_of(View& view, const numpy::Array& array, numpy::RType type,
                        const Keys& keys, bool removes) {
  using Limits = std::numeric_limits<Key>;
  Key best = kMost ? Limits::min() : Limits::max();
  each_chunk<Key>(view, array, type, [&](const Key* items, std::uint64_t n) {
    best = best_of<kMost>(items, n, best, [&](Key item) { return keys.key(item); });
    return removes || !keys.is_missing(best);
  });
  return {keys.item(best), !keys.is_missing(best)};
}

// NaN is better than nothing. May throw.
template <bool kMost>
Extreme<double> extreme_of_doubles(View& view, bool removes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kWorst = kMost ? -kInfinity : kInfinity;
  double best = kWorst;
  bool any_missing = false;
  each_chunk<double>(view, view.array, view.type,
                     [&](const double* items, std::uint64_t n) {
                       any_missing = !removes && has_nan(items, n);
                       if (any_missing) return false;
                       best = best_of<kMost>(items, n, best, [](double x) { return x; });
                       return true;
                     });
  return {best, !any_missing && best != kWorst};
}

// True of times and of integers of 64 bits, whose conversion keeps their order.
bool is_wide(const View& view) {
  const numpy::Dtype& dtype = view.array.dtype;
  const bool time =
      dtype.kind == numpy::Kind::datetime || dtype.kind == numpy::Kind::timedelta;
  return view.file == nullptr && (time || (is_integer(dtype) && dtype.itemsize == 8));
}

// Found before it is converted. May throw.
template <bool kMost>
Extreme<double> wide_extreme(View& view, bool removes) {
  numpy::Array counts = view.array;
  if (counts.dtype.kind != numpy::Kind::unsigned_integer) {
    counts.dtype.kind = numpy::Kind::integer;
  }
  const auto found =
      extreme_of<kMost>(view, counts, numpy::RType::integer64,
                        IntegerKeys<std::int64_t>(kMost != removes), removes);
  if (!found.is_known) return {0, false};
  auto bits = static_cast<std::uint64_t>(found.item);
  if (!is_host_order(view.array.dtype)) bits = numpy::swap_bytes(bits);
  double value = 0;
  bool inexact = false;
  view.decode(view.array.dtype, reinterpret_cast<const std::uint8_t*>(&bits), 0, 1,
              &value, &inexact);
  // R's way says what was rounded in between, too.
  return {value, !inexact && std::isfinite(value)};
}

template <bool kMost>
Extreme<int> extreme_value(View& view, bool removes, int) {
  return extreme_of<kMost>(view, view.array, view.type,
                           IntegerKeys<int>(kMost != removes), removes);
}
template <bool kMost>
Extreme<double> extreme_value(View& view, bool removes, double) {
  if (is_wide(view)) return wide_extreme<kMost>(view, removes);
  if (!has_float_bits(view)) return extreme_of_doubles<kMost>(view, removes);
  const FloatBits bits(view);
  const auto found = extreme_of<kMost>(view, bits.array, numpy::RType::integer,
                                       FloatKeys(bits, kMost != removes), removes);
  return {bits.value(found.item), found.is_known};
}

}  // namespace

// R's own loop takes the elements in its order, converted, one by one. NULL: it is to do
// it, where the order tells in the result (which of several NaN, or of 0 and -0, comes
// first), where nothing is left that is not NA, and where elements need no conversion.
template <class Item, bool kMost>
SEXP extreme(SEXP x, Rboolean removes) {
  View* view = live_view(x);
  if (view == nullptr || !are_files(*view) || view->count == 0) return nullptr;
  if (view->type == numpy::RType::integer64) return nullptr;  // no doubles
  const Extreme<Item> found =
      shield([=] { return extreme_value<kMost>(*view, removes != FALSE, Item()); });
  check_current(*view);
  // Bits have -0 below 0: where 0 is the least, or -0 the most, there is no other one.
  const bool has_sign = view->array.dtype.kind == numpy::Kind::floating;
  const bool alone =
      has_float_bits(*view) && std::signbit(static_cast<double>(found.item)) == kMost;
  if (!found.is_known || (has_sign && found.item == 0 && !alone)) return nullptr;
  return std::is_same<Item, int>::value ? Rf_ScalarInteger(static_cast<int>(found.item))
                                        : Rf_ScalarReal(static_cast<double>(found.item));
}
template SEXP extreme<int, false>(SEXP, Rboolean);
template SEXP extreme<int, true>(SEXP, Rboolean);
template SEXP extreme<double, false>(SEXP, Rboolean);
template SEXP extreme<double, true>(SEXP, Rboolean);

}  // namespace mmappickle
