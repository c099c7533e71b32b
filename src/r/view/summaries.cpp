// What R asks of views that a file's small integers can tell without being converted.
#include <algorithm>
#include <climits>

#include "r/view/access.h"

namespace mmappickle {

namespace {

// Values that were given out by pointer may have been changed by code that breaks R's
// rules.
bool are_files(const View& view) { return view.values == nullptr; }

bool is_integer(const numpy::Dtype& dtype) {
  return dtype.kind == numpy::Kind::boolean || dtype.kind == numpy::Kind::integer ||
         dtype.kind == numpy::Kind::unsigned_integer;
}

// True of integers of at most 16 bits, which are ints in R and none of them NA.
bool is_narrow(const View& view) {
  return are_files(view) && !view.array.masked && is_integer(view.array.dtype) &&
         view.array.dtype.itemsize <= 2;
}

// True if what the file holds cannot be NA but by a mask: integers, where R's type has
// all of them. (Floats have NaN.)
bool is_never_missing(const View& view) {
  const bool whole = view.type == numpy::RType::real || view.array.dtype.itemsize <= 2;
  return is_integer(view.array.dtype) && whole;
}

// May throw.
bool masks_nothing(const View& view) {
  const numpy::Array& array = view.array;
  if (!array.masked) return true;
  if (array.mask == nullptr) return view.file == nullptr || view.place.mask == 0;
  numpy::Array mask;
  mask.dtype = numpy::natural_dtype(numpy::RType::raw);
  mask.shape = array.shape;
  mask.strides = array.mask_strides;
  mask.data = array.mask;
  constexpr std::uint64_t kChunk = 1 << 12;
  std::vector<std::uint8_t> bytes(std::min(kChunk, view.count));
  for (std::uint64_t begin = 0; begin < view.count; begin += kChunk) {
    const std::uint64_t n = std::min(kChunk, view.count - begin);
    gather(mask, view.axes, begin, n, numpy::RType::raw, bytes.data(), nullptr);
    const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(n);
    if (std::count(bytes.begin(), end, 0) != end - bytes.begin()) return false;
  }
  return true;
}

// Of ints of at most 17 bits. May throw.
std::int64_t sum_narrow(View& view) {
  constexpr std::uint64_t kChunk = 4096, kLanes = 32;  // kChunk * 2^16 fits an int
  int chunk[kChunk];
  std::int64_t sum = 0;
  for (std::uint64_t begin = 0; begin < view.count; begin += kChunk) {
    const std::uint64_t n = std::min(kChunk, view.count - begin);
    read_run(view, begin, n, chunk);
    int lanes[kLanes] = {0};  // inner loops of constant length become vector code
    std::uint64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      for (std::uint64_t k = 0; k < kLanes; ++k) lanes[k] += chunk[i + k];
    }
    for (; i < n; ++i) sum += chunk[i];
    for (const int lane : lanes) sum += lane;
  }
  return sum;
}

}  // namespace

int has_no_missing(SEXP x) {
  const View* view = live_view(x);
  if (view == nullptr || !are_files(*view) || !is_never_missing(*view)) return 0;
  return shield([view] { return masks_nothing(*view); });
}

// R's own loop takes as long over a converted chunk as over an ordinary vector, and the
// conversion comes on top: with 8 and 16 bit integers 1.4 times as long in all. This
// takes less than an ordinary vector does. (R 4.2 to 4.6 do not ask views of logicals.)
// NULL: R is to do it. A sum too large for an integer is a double, as R has it.
SEXP sum_of_integers(SEXP x, Rboolean) {
  View* view = live_view(x);
  if (view == nullptr || !is_narrow(*view)) return nullptr;
  const std::int64_t sum = shield([view] { return sum_narrow(*view); });
  check_current(*view);
  if (sum > INT_MAX || sum < -INT_MAX) return Rf_ScalarReal(static_cast<double>(sum));
  return Rf_ScalarInteger(static_cast<int>(sum));
}

}  // namespace mmappickle
