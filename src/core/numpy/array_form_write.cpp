#include <limits>

#include "../pickle/opcodes.h"
#include "array_form.h"
#include "form_bytes.h"
#include "form_dtype.h"

namespace mmappickle::numpy {
namespace {

namespace op = pickle::op;
using pickle::put_integer;
using pickle::put_text;

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kFillingHead = 3;  // SHORT_BINBYTES, its length, POP
constexpr std::uint64_t kFrameHead = 9;    // FRAME and its length
constexpr std::uint64_t kDataHead = 9;     // BINBYTES8 and its length
constexpr std::uint64_t kPage = 4096;      // a write inside one page is never torn
constexpr std::uint64_t kLengthSize = 4;   // of a growing array
constexpr std::uint64_t kMaxHeadExtent = std::numeric_limits<std::int32_t>::max();

// Bytes pushed and popped so that what stands `ahead` bytes behind begins at a multiple
// of 64: none, or 3 to 66 of them.
std::uint64_t filling_size(std::uint64_t at, std::uint64_t ahead) {
  const std::uint64_t n = (kAlignment - (at + ahead) % kAlignment) % kAlignment;
  return n == 0 || n >= kFillingHead ? n : n + kAlignment;
}

void put_filling(Output& output, std::uint64_t n) {
  if (n == 0) return;
  pickle::put_bytes_head(output, n - kFillingHead);
  output.put_zeros(n - kFillingHead);
  output.put(op::POP);
}

// A shape with a first extent of fixed width, which can be overwritten.
void put_growing_shape(Output& output, const Shape& shape) {
  const std::size_t rank = shape.size();
  if (rank > 3) output.put(op::MARK);
  for (std::uint64_t extent : shape) {
    output.put(op::BININT);
    output.put_le(extent, 4);
  }
  constexpr std::uint8_t kTuples[] = {op::TUPLE1, op::TUPLE2, op::TUPLE3};
  output.put(rank > 3 ? std::uint8_t{op::TUPLE} : kTuples[rank - 1]);
}

// Bytes before the first extent of such a shape.
std::uint64_t before_length(const Shape& shape) { return shape.size() > 3 ? 2 : 1; }

// Whether a length that stands there lies in two pages, and may be torn.
bool crosses_page(std::uint64_t at) { return at % kPage > kPage - kLengthSize; }

// Pushes and pops bytes so that the length `ahead` does not cross a page.
void put_shift(Output& output, std::uint64_t ahead) {
  if (crosses_page(output.at() + ahead)) put_filling(output, kFillingHead + 1);
}

Shape reversed(const Shape& shape) { return Shape(shape.rbegin(), shape.rend()); }

// BINBYTES8, whatever the size: alignment and the Python library count on its 9 bytes.
void put_data(Output& output, const std::shared_ptr<const Source>& data) {
  output.put(op::BINBYTES8);
  output.put_le(data->size(), 8);
  output.put(data);
}

// The data, and room behind them: holes. `slack`: some bytes more.
void put_growing_data(Output& output, const std::shared_ptr<const Source>& data,
                      std::uint64_t room, std::uint64_t slack = 0) {
  output.put(op::BINBYTES8);
  output.put_le(data->size() + room + slack, 8);
  output.put(data);
  output.put(std::shared_ptr<const Source>(hole_source(room + slack)));
}

// array(shape, dtype, ...), or the state of a masked one, up to the data; behind these
// comes kState.
void put_array_head(Output& output, std::string_view opening, const Dtype& dtype,
                    const NewArray& array) {
  output.put(opening);
  put_shape(output, array.shape);
  put_dtype(output, dtype);
  output.put(array.fortran ? op::NEWTRUE : op::NEWFALSE);
}

void put_nested_data(Output& output, const std::shared_ptr<const Source>& data) {
  if (data->size() == 0) return pickle::put_bytes_head(output, 0);
  put_filling(output, filling_size(output.at(), kDataHead));
  put_data(output, data);
}

// Data, dtype and shape of a head, with the bytes between that make it inert.
void put_head(Output& output, const NewArray& array, const Dtype& dtype,
              const std::shared_ptr<const Source>& data) {
  put_data(output, data);
  put_text(output, written_name(dtype));
  output.put(kDropName);
  put_shape(output, array.fortran ? reversed(array.shape) : array.shape);
}

// Bytes of the rows that there is to be room for.
std::uint64_t room_size(const NewArray& array, std::uint64_t itemsize) {
  std::uint64_t size = itemsize;
  for (std::size_t i = 1; i < array.shape.size(); ++i) size *= array.shape[i];
  return size * array.room;
}

// The head of a growing array: its length may not cross a page, which some bytes more of
// room see to.
void put_growing_head(Output& output, const NewArray& array) {
  const std::string dtype = written_name(array.dtype);
  const std::uint64_t room = room_size(array, array.dtype.itemsize);
  const std::uint64_t length_at = output.at() + kDataHead + array.data->size() + room +
                                  2 + dtype.size() + kDropName.size() +
                                  before_length(array.shape);
  put_growing_data(output, array.data, room, crosses_page(length_at) ? kLengthSize : 0);
  put_text(output, dtype);
  output.put(kDropName);
  put_growing_shape(output, array.shape);
}

// numpy.array(numpy.ndarray(shape, dtype, the bytes of that slot)), but for the shape,
// which stands before, and what comes behind it.
void put_growing_tail(Output& output, const Dtype& dtype, std::uint32_t slot) {
  put_dtype(output, dtype);
  pickle::get_memo(output, slot);
  output.put(kGrown);
}

}  // namespace

bool has_head(const NewArray& array) {
  if (array.grows && array.mask) return false;
  if (array.dtype.kind == Kind::structured || array.dtype.kind == Kind::object) {
    return false;
  }
  for (std::uint64_t extent : array.shape) {
    if (extent > kMaxHeadExtent) return false;
  }
  return array.dtype.itemsize > 0 && written_name(array.dtype).size() < 256;
}

std::uint64_t swallowed_size(std::uint64_t key_size, const NewArray& array) {
  return kFrameHead + 2 + key_size + (array.mask ? kMaskedHead.size() : 0) + kA.size();
}

void write_padding(Output& output, std::uint64_t key_size, const NewArray& array) {
  const std::uint64_t swallowed = swallowed_size(key_size, array);
  const std::uint64_t nones = array.mask ? 2 : 1;
  const std::uint64_t head = kFrameHead + 2 + nones;
  const std::uint64_t filling =
      filling_size(output.at() + head, kDataHead + swallowed + kDataHead);
  output.put(op::FRAME);
  output.put_le(2 + nones + filling + kDataHead, 8);
  put_text(output, {});
  for (std::uint64_t i = 0; i < nones; ++i) output.put(op::NONE);
  put_filling(output, filling);
  output.put(op::BINBYTES8);
  output.put_le(swallowed, 8);
}

bool is_padding(Image body, std::uint64_t& swallowed) {
  if (!body.starts_with("\x8c\0N"sv)) return false;
  body = body.from(3);
  if (body.starts_with("N"sv)) body = body.from(1);
  if (body.starts_with("C"sv)) {
    if (body.size() < 2 || !body.holds(2, std::uint64_t{body[1]} + 1)) return false;
    if (body[2 + body[1]] != op::POP) return false;
    body = body.from(kFillingHead + body[1]);
  }
  if (body.size() != kDataHead || body[0] != op::BINBYTES8) return false;
  swallowed = load_u64(body.bytes(1, 8).data);
  return true;
}

void write_array_entry(Output& output, std::string_view key, const NewArray& array,
                       pickle::Memo& memo,
                       const std::function<void(pickle::Id)>& write_fill) {
  Dtype boolean;
  parse_dtype("bool", boolean);
  const std::uint32_t data = memo.take(), mask = array.mask ? memo.take() : 0;
  put_text(output, key);
  if (array.mask) output.put(kMaskedHead);
  output.put(kA);
  if (array.grows) {
    put_growing_head(output, array);
  } else {
    put_head(output, array, array.dtype, array.data);
  }
  if (array.mask) {
    output.put(kSwallowA);
    output.put(kA);
    put_head(output, array, boolean, array.mask);
    output.put(kDropShape);
    pickle::put_memo(output, mask);
    output.put(kDropHead);
    pickle::put_memo(output, data);
    output.put(kDropMaskedHead);
  } else {
    output.put(kDropShape);
    pickle::put_memo(output, data);
    output.put(kDropHead);
  }
  if (array.grows) {
    put_shift(output, 2 + key.size() + kGrowing.size() + before_length(array.shape));
    put_text(output, key);
    output.put(kGrowing);
    put_growing_shape(output, array.shape);
    return put_growing_tail(output, array.dtype, data);
  }
  put_text(output, key);
  if (array.mask) output.put(kMaskedArray);
  if (array.fill != pickle::kNoId) {
    put_array_head(output, kMaskedState, array.dtype, array);
    pickle::get_memo(output, data);
    pickle::get_memo(output, mask);
    write_fill(array.fill);
    return output.put(kState);
  }
  const auto put_part = [&](const Dtype& dtype, std::uint32_t slot) {
    put_array_head(output, kNdarray, dtype, array);
    pickle::get_memo(output, slot);
    output.put(kState);
  };
  put_part(array.dtype, data);
  if (!array.mask) return;
  put_part(boolean, mask);
  output.put(kMasked);
}

void write_growing_entry(Output& output, std::string_view key, const NewArray& array,
                         pickle::Memo& memo,
                         const std::function<void(pickle::Id)>& write_fill) {
  const std::uint32_t data = memo.take(), mask = array.mask ? memo.take() : 0;
  const auto put_kept = [&](const std::shared_ptr<const Source>& source,
                            std::uint64_t itemsize, std::uint32_t slot) {
    put_filling(output, filling_size(output.at(), kDataHead));
    put_growing_data(output, source, room_size(array, itemsize));
    pickle::put_memo(output, slot);
    output.put(op::POP);
  };
  put_text(output, key);
  put_kept(array.data, array.dtype.itemsize, data);
  if (array.mask) put_kept(array.mask, mask_itemsize(array.dtype), mask);
  const bool filled = array.fill != pickle::kNoId;
  const std::uint64_t ahead = (array.mask ? kMaskedArray.size() : 0) + (filled ? 1 : 0);
  put_shift(output, ahead + kGrowing.size() + before_length(array.shape));
  if (array.mask) output.put(kMaskedArray);
  if (filled) output.put(op::MARK);
  output.put(kGrowing);
  put_growing_shape(output, array.shape);
  if (!array.mask) return put_growing_tail(output, array.dtype, data);
  // One length for both: the mask's shape is the very tuple of the data's.
  const std::uint32_t shape = memo.take();
  pickle::put_memo(output, shape);
  put_growing_tail(output, array.dtype, data);
  output.put(kGrowing);
  pickle::get_memo(output, shape);
  put_growing_tail(output, mask_dtype(array.dtype), mask);
  if (!filled) return output.put(kMasked);
  output.put(kBeforeFill);
  write_fill(array.fill);
  output.put(kFilled);
}

pickle::Id node_inside(const NewArray& array) {
  if (array.fill != pickle::kNoId) return array.fill;
  return array.dtype.kind == Kind::object ? array.objects : pickle::kNoId;
}

void write_nested_head(Output& output, const NewArray& array) {
  const bool filled = array.fill != pickle::kNoId;
  if (array.mask) output.put(kMaskedArray);
  put_array_head(output, filled ? kMaskedState : kNdarray, array.dtype, array);
  if (filled || array.dtype.kind != Kind::object) put_nested_data(output, array.data);
  if (filled) put_nested_data(output, array.mask);
}

void write_nested_tail(Output& output, const NewArray& array) {
  output.put(kState);
  if (!array.mask || array.fill != pickle::kNoId) return;
  put_array_head(output, kNdarray, mask_dtype(array.dtype), array);
  put_nested_data(output, array.mask);
  output.put(kState);
  output.put(kMasked);
}

}  // namespace mmappickle::numpy
