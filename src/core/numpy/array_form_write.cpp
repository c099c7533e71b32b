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

void put_filling(Draft& draft, std::uint64_t n) {
  if (n == 0) return;
  pickle::put_bytes_head(draft, n - kFillingHead);
  draft.put_zeros(n - kFillingHead);
  draft.put(op::POP);
}

void put_shape(Draft& draft, const Shape& shape) {
  const std::size_t rank = shape.size();
  const bool marked = rank == 0 || rank > 3;
  if (marked) draft.put(op::MARK);
  for (std::uint64_t extent : shape) {
    put_integer(draft, static_cast<std::int64_t>(extent));
  }
  constexpr std::uint8_t kTuples[] = {op::TUPLE, op::TUPLE1, op::TUPLE2, op::TUPLE3};
  draft.put(kTuples[marked ? 0 : rank]);
}

Shape reversed(const Shape& shape) { return Shape(shape.rbegin(), shape.rend()); }

// BINBYTES8, whatever the size: alignment and the Python library count on its 9 bytes.
void put_data(Draft& draft, const std::shared_ptr<const Source>& data) {
  draft.put(op::BINBYTES8);
  draft.put_le(data->size(), 8);
  draft.put(data);
}

// -- dtypes ---------------------------------------------------------------------------
// numpy.dtype's argument for a structured dtype: the list of its fields, or (where the
// fields do not lie end to end) the dict with their offsets.
void put_fields(Draft& draft, const Dtype& dtype);

void put_format(Draft& draft, const Dtype& dtype) {
  if (dtype.kind == Kind::structured) return put_fields(draft, dtype);
  put_text(draft, code(dtype));
}

void put_field_list(Draft& draft, const Dtype& dtype) {
  draft.put(op::EMPTY_LIST);
  draft.put(op::MARK);
  for (const Field& f : dtype.fields) {
    put_text(draft, f.name);
    put_format(draft, f.dtype);
    if (!f.dtype.subshape.empty()) put_shape(draft, f.dtype.subshape);
    draft.put(f.dtype.subshape.empty() ? op::TUPLE2 : op::TUPLE3);
  }
  draft.put(op::APPENDS);
}

void put_field_dict(Draft& draft, const Dtype& dtype) {
  const auto list = [&](const char* key, const auto& put_item) {
    put_text(draft, key);
    draft.put(op::EMPTY_LIST);
    draft.put(op::MARK);
    for (const Field& f : dtype.fields) put_item(f);
    draft.put(op::APPENDS);
  };
  draft.put(op::EMPTY_DICT);
  draft.put(op::MARK);
  list("names", [&](const Field& f) { put_text(draft, f.name); });
  list("formats", [&](const Field& f) {
    put_format(draft, f.dtype);
    if (f.dtype.subshape.empty()) return;
    put_shape(draft, f.dtype.subshape);
    draft.put(op::TUPLE2);
  });
  list("offsets",
       [&](const Field& f) { put_integer(draft, static_cast<std::int64_t>(f.offset)); });
  put_text(draft, "itemsize");
  put_integer(draft, static_cast<std::int64_t>(dtype.base_itemsize()));
  if (dtype.aligned) {
    put_text(draft, "aligned");
    draft.put(op::NEWTRUE);
  }
  draft.put(op::SETITEMS);
}

void put_fields(Draft& draft, const Dtype& dtype) {
  if (is_packed(dtype) && !dtype.fields.empty()) return put_field_list(draft, dtype);
  put_field_dict(draft, dtype);
}

// numpy.dtype(...), as one object.
void put_dtype(Draft& draft, const Dtype& dtype) {
  draft.put(kDtype);
  if (dtype.kind == Kind::structured) {
    put_fields(draft, dtype);
  } else {
    put_text(draft, text(dtype));
  }
  draft.put(kMadeDtype);
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
void put_array_head(Draft& draft, std::string_view opening, const Dtype& dtype,
                    const NewArray& array) {
  draft.put(opening);
  put_shape(draft, array.shape);
  put_dtype(draft, dtype);
  draft.put(array.fortran ? op::NEWTRUE : op::NEWFALSE);
}

void put_nested_data(Draft& draft, const std::shared_ptr<const Source>& data) {
  if (data->size() == 0) return pickle::put_bytes_head(draft, 0);
  put_filling(draft, filling_size(draft.at(), kDataHead));
  put_data(draft, data);
}

// Data, dtype and shape of a head, with the bytes between that make it inert.
void put_head(Draft& draft, const NewArray& array, const Dtype& dtype,
              const std::shared_ptr<const Source>& data) {
  put_data(draft, data);
  put_text(draft, text(dtype));
  draft.put(kDropName);
  put_shape(draft, array.fortran ? reversed(array.shape) : array.shape);
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

void write_padding(Draft& draft, std::uint64_t key_size, const NewArray& array) {
  const std::uint64_t swallowed = swallowed_size(key_size, array);
  const std::uint64_t nones = array.mask ? 2 : 1;
  const std::uint64_t head = kFrameHead + 2 + nones;
  const std::uint64_t filling =
      filling_size(draft.at() + head, kDataHead + swallowed + kDataHead);
  draft.put(op::FRAME);
  draft.put_le(2 + nones + filling + kDataHead, 8);
  put_text(draft, {});
  for (std::uint64_t i = 0; i < nones; ++i) draft.put(op::NONE);
  put_filling(draft, filling);
  draft.put(op::BINBYTES8);
  draft.put_le(swallowed, 8);
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

void write_array_entry(Draft& draft, std::string_view key, const NewArray& array,
                       pickle::Memo& memo,
                       const std::function<void(pickle::Id)>& write_fill) {
  Dtype boolean;
  parse_dtype("bool", boolean);
  const std::uint32_t data = memo.take(), mask = array.mask ? memo.take() : 0;
  put_text(draft, key);
  if (array.mask) draft.put(kMaskedHead);
  draft.put(kA);
  put_head(draft, array, array.dtype, array.data);
  if (array.mask) {
    draft.put(kSwallowA);
    draft.put(kA);
    put_head(draft, array, boolean, array.mask);
    draft.put(kDropShape);
    pickle::put_memo(draft, mask);
    draft.put(kDropHead);
    pickle::put_memo(draft, data);
    draft.put(kDropMaskedHead);
  } else {
    draft.put(kDropShape);
    pickle::put_memo(draft, data);
    draft.put(kDropHead);
  }
  put_text(draft, key);
  if (array.mask) draft.put(kMaskedArray);
  if (array.fill != pickle::kNoId) {
    put_array_head(draft, kMaskedState, array.dtype, array);
    pickle::get_memo(draft, data);
    pickle::get_memo(draft, mask);
    write_fill(array.fill);
    return draft.put(kState);
  }
  const auto put_part = [&](const Dtype& dtype, std::uint32_t slot) {
    put_array_head(draft, kNdarray, dtype, array);
    pickle::get_memo(draft, slot);
    draft.put(kState);
  };
  put_part(array.dtype, data);
  if (!array.mask) return;
  put_part(boolean, mask);
  draft.put(kMasked);
}

pickle::Id node_inside(const NewArray& array) {
  if (array.fill != pickle::kNoId) return array.fill;
  return array.dtype.kind == Kind::object ? array.objects : pickle::kNoId;
}

void write_nested_head(Draft& draft, const NewArray& array) {
  const bool filled = array.fill != pickle::kNoId;
  if (array.mask) draft.put(kMaskedArray);
  put_array_head(draft, filled ? kMaskedState : kNdarray, array.dtype, array);
  if (filled || array.dtype.kind != Kind::object) put_nested_data(draft, array.data);
  if (filled) put_nested_data(draft, array.mask);
}

void write_nested_tail(Draft& draft, const NewArray& array) {
  draft.put(kState);
  if (!array.mask || array.fill != pickle::kNoId) return;
  put_array_head(draft, kNdarray, mask_dtype(array.dtype), array);
  put_nested_data(draft, array.mask);
  draft.put(kState);
  draft.put(kMasked);
}

}  // namespace mmappickle::numpy
