#include <limits>

#include "../pickle/opcodes.h"
#include "array_form.h"
#include "form_bytes.h"

namespace mmappickle::numpy {
namespace {

namespace op = pickle::op;
using pickle::put_integer;
using pickle::put_text;

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kFillingHead = 3;  // SHORT_BINBYTES, its length, POP
constexpr std::uint64_t kFrameHead = 9;    // FRAME and its length
constexpr std::uint64_t kDataHead = 9;     // BINBYTES8 and its length
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

void put_shape(Output& output, const Shape& shape) {
  const std::size_t rank = shape.size();
  const bool marked = rank == 0 || rank > 3;
  if (marked) output.put(op::MARK);
  for (std::uint64_t extent : shape) {
    put_integer(output, static_cast<std::int64_t>(extent));
  }
  constexpr std::uint8_t kTuples[] = {op::TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
  output.put(kTuples[marked ? 0 : rank]);
}

Shape reversed(const Shape& shape) { return Shape(shape.rbegin(), shape.rend()); }

// BINBYTES8, whatever the size: alignment and the Python library count on its 9 bytes.
void put_data(Output& output, const std::shared_ptr<const Source>& data) {
  output.put(op::BINBYTES8);
  output.put_le(data->size(), 8);
  output.put(data);
}

// -- dtypes ---------------------------------------------------------------------------
// numpy.dtype's argument for a structured dtype: the list of its fields, or (where the
// fields do not lie end to end) the dict with their offsets.
void put_fields(Output& output, const Dtype& dtype);

void put_format(Output& output, const Dtype& dtype) {
  if (dtype.kind == Kind::structured) return put_fields(output, dtype);
  put_text(output, code(dtype));
}

void put_field_list(Output& output, const Dtype& dtype) {
  output.put(op::EMPTY_LIST);
  output.put(op::MARK);
  for (const Field& f : dtype.fields) {
    put_text(output, f.name);
    put_format(output, f.dtype);
    if (!f.dtype.subshape.empty()) put_shape(output, f.dtype.subshape);
    output.put(f.dtype.subshape.empty() ? op::TUPLE2 : op::TUPLE3);
  }
  output.put(op::APPENDS);
}

void put_field_dict(Output& output, const Dtype& dtype) {
  const auto list = [&](const char* key, const auto& put_item) {
    put_text(output, key);
    output.put(op::EMPTY_LIST);
    output.put(op::MARK);
    for (const Field& f : dtype.fields) put_item(f);
    output.put(op::APPENDS);
  };
  output.put(op::EMPTY_DICT);
  output.put(op::MARK);
  list("names", [&](const Field& f) { put_text(output, f.name); });
  list("formats", [&](const Field& f) {
    put_format(output, f.dtype);
    if (f.dtype.subshape.empty()) return;
    put_shape(output, f.dtype.subshape);
    output.put(op::TUPLE2);
  });
  list("offsets",
       [&](const Field& f) { put_integer(output, static_cast<std::int64_t>(f.offset)); });
  put_text(output, "itemsize");
  put_integer(output, static_cast<std::int64_t>(dtype.base_itemsize()));
  if (dtype.aligned) {
    put_text(output, "aligned");
    output.put(op::NEWTRUE);
  }
  output.put(op::SETITEMS);
}

void put_fields(Output& output, const Dtype& dtype) {
  if (is_packed(dtype) && !dtype.fields.empty()) return put_field_list(output, dtype);
  put_field_dict(output, dtype);
}

// numpy.dtype(...), as one object.
void put_dtype(Output& output, const Dtype& dtype) {
  output.put(kDtype);
  if (dtype.kind == Kind::structured) {
    put_fields(output, dtype);
  } else {
    put_text(output, text(dtype));
  }
  output.put(kMadeDtype);
}

Dtype mask_dtype(const Dtype& dtype) {
  Dtype mask;
  parse_dtype("bool", mask);
  if (dtype.kind != Kind::structured) return mask;
  mask.kind = Kind::structured;
  mask.itemsize = 0;
  for (Field field : dtype.fields) {
    const Shape sub = field.dtype.subshape;
    field.offset = mask.itemsize;
    mask.itemsize += mask_itemsize(field.dtype);
    const std::uint64_t itemsize = mask_itemsize(field.dtype);
    field.dtype = mask_dtype(field.dtype);
    field.dtype.subshape = sub;
    field.dtype.itemsize = itemsize;
    mask.fields.push_back(std::move(field));
  }
  return mask;
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
  put_text(output, text(dtype));
  output.put(kDropName);
  put_shape(output, array.fortran ? reversed(array.shape) : array.shape);
}

}  // namespace

bool has_head(const NewArray& array) {
  if (array.dtype.kind == Kind::structured || array.dtype.kind == Kind::object) {
    return false;
  }
  for (std::uint64_t extent : array.shape) {
    if (extent > kMaxHeadExtent) return false;
  }
  return array.dtype.itemsize > 0 && text(array.dtype).size() < 256;
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
  put_head(output, array, array.dtype, array.data);
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
