// Slices: the product of one list of indices an axis, read from and written to an array.
#pragma once

#include <functional>

#include "../base/runs.h"
#include "../base/source.h"
#include "kernels.h"
#include "stored_value.h"

namespace mmappickle::numpy {

// The indices of one axis, from 0, all checked to be below its extent. Either a range, or
// a list (borrowed).
struct Axis {
  std::uint64_t start = 0;
  std::int64_t step = 1;
  std::uint64_t count = 0;
  const std::uint64_t* list = nullptr;
  std::uint64_t at(std::uint64_t i) const {
    return list ? list[i] : start + static_cast<std::uint64_t>(step) * i;
  }
};
std::vector<Axis> whole(const Shape& shape);

// Elements of `axes`' product, first axis fastest (R's order), elements [begin, begin +
// n) of it, decoded into `to`; NA where masked. Runs along an axis are decoded at once; a
// C-order array is read in blocks, so that a whole transpose stays in cache.
void gather(const Array& array, const std::vector<Axis>& axes, std::uint64_t begin,
            std::uint64_t n, RType type, void* to, bool* inexact);
// In how many elements at a time gather() reads an array fastest that lies across R's
// order: at most `columns` lines side by side, and `most` elements where these are not
// too few lines; 0 for any other array, and for lines of more than `most`.
std::uint64_t tile_size(const Array& array, const std::vector<Axis>& axes,
                        std::uint64_t most, std::uint64_t columns);
// The elements of these linear indices (R's: first axis fastest, from 0), likewise.
void gather_linear(const Array& array, const std::vector<Axis>& axes,
                   const std::uint64_t* index, std::uint64_t n, RType type, void* to,
                   bool* inexact);
// Strings and the like: visit(i, element's bytes, masked) in the same order, i from 0.
using Visit = std::function<void(std::uint64_t, const std::uint8_t*, bool)>;
void visit_elements(const Array& array, const std::vector<Axis>& axes,
                    std::uint64_t begin, std::uint64_t n, const Visit& visit);
// To visit elements of S and U: text(i, the UTF-8 that decode_string() makes of it, which
// may be moved from; null where masked). All three must live as long.
using VisitText = std::function<void(std::uint64_t, std::string*)>;
Visit as_text(const Dtype& dtype, const VisitText& text, bool* escaped);
// Bytes from the first element to the one of a linear index (R's: first axis fastest,
// from 0), by these strides.
std::int64_t linear_offset(const Shape& shape, const Strides& strides,
                           std::uint64_t linear);
const std::uint8_t* address(const Array& array, std::uint64_t linear);  // likewise
// Of its mask byte; null where nothing is masked.
const std::uint8_t* mask_address(const Array& array, std::uint64_t linear);

// Where a slice of an array that stands in a file is written. The values have passed
// check_fit and recycle (their count divides the product's, R's rule); write() is called
// with runs as long as they come, some of them at once (at most 1 MiB), data first, then
// mask bytes where the array is masked. Bytes of neighbours are never touched.
using WriteRuns = std::function<void(const Runs& runs)>;
void scatter(const Array& array, const Place& place, const std::vector<Axis>& axes,
             const RValues& values, const WriteRuns& write);
void scatter_linear(const Array& array, const Place& place, const std::uint64_t* index,
                    std::uint64_t n, const RValues& values, const WriteRuns& write);

// R's values (dims in R's column-major order; `shape` empty or one extent: a vector) as
// the bytes of an array of `shape`, in C order or Fortran's, converted on the way.
// Borrows values.data. With `of_mask` the bytes of the mask (1 where NA) instead.
std::shared_ptr<Source> array_source(const Dtype& dtype, const Shape& shape, bool fortran,
                                     const RValues& values, bool of_mask = false);
// The items of a structured array from those of its fields, `size` bytes each, which
// stand at `offset` in an item. The sources hold `count` items in the order of the array.
struct FieldBytes {
  std::shared_ptr<const Source> source;
  std::uint64_t size, offset;
};
std::shared_ptr<Source> field_source(std::uint64_t count, std::uint64_t itemsize,
                                     std::vector<FieldBytes> fields);
// The bytes of an existing array (strided ones too), in C order or Fortran's.
std::shared_ptr<Source> copy_source(const Array& array, bool fortran,
                                    bool of_mask = false);
// The whole of it as a new one, in Fortran's order where it has that alone. No objects.
NewArray copy_of(const Array& array);

}  // namespace mmappickle::numpy
