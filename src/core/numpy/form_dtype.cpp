#include "form_dtype.h"

#include "../pickle/opcodes.h"
#include "../pickle/writer.h"
#include "form_bytes.h"

namespace mmappickle::numpy {

namespace op = pickle::op;
using pickle::put_integer;
using pickle::put_text;

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

namespace {

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

}  // namespace

std::string written_name(const Dtype& dtype) {
  return kHostIsBigEndian && has_byte_order(dtype) ? code(dtype) : text(dtype);
}

void put_dtype(Output& output, const Dtype& dtype) {
  output.put(kDtype);
  if (dtype.kind == Kind::structured) {
    put_fields(output, dtype);
  } else {
    put_text(output, written_name(dtype));
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

}  // namespace mmappickle::numpy
