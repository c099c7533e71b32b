// Reads heads and trailers of array entries, nothing between: the data may be terabytes.
#include "array_form.h"
#include "form_bytes.h"
#include "form_cursor.h"
#include "recognise.h"

namespace mmappickle::numpy {
namespace {

// One array of a head: data, dtype, two bytes, shape, two bytes.
struct Head {
  Image data;
  Bytes dtype_text, behind_dtype, behind_shape;
  Extents extents;
  Dtype dtype;
  bool is_whole() const {  // TUPLE2 REDUCE, twice
    return behind_dtype.text() == "\x86R" && behind_shape.text() == "\x86R";
  }
};

// `length_at`: where the length of a growing array would stand, or 0.
Parse take_head(Cursor& c, Head& head, std::uint64_t* length_at = nullptr) {
  Parse parse = take_bytes(c, head.data);
  if (parse == Parse::ok) parse = take_short_text(c, head.dtype_text);
  if (parse != Parse::ok) return parse;
  if (!c.take(2, head.behind_dtype)) return Parse::cut;
  if (length_at != nullptr && !find_length(c, *length_at)) *length_at = 0;
  parse = take_shape(c, head.extents);
  if (parse != Parse::ok) return parse;
  return c.take(2, head.behind_shape) ? Parse::ok : Parse::cut;
}

// Whether the parts of a head agree with each other. With `room` there may be more data
// than the shape takes.
bool check_head(Head& head, std::string& problem, bool room = false) {
  if (head.extents.negative) {
    problem = "The array's shape has a negative extent.";
    return false;
  }
  if (!dtype_of_text(head.dtype_text.text(), head.dtype)) {
    problem = "The array's dtype is not known.";
    return false;
  }
  if (has_objects(head.dtype)) {
    problem = "The array is said to hold objects, which cannot stand as bytes.";
    return false;
  }
  Strides strides;
  std::uint64_t size = 0;
  if (!contiguous_strides(head.extents.shape, head.dtype.itemsize, false, strides,
                          size) ||
      (room ? size > head.data.size() : size != head.data.size())) {
    problem = size_problem(head.dtype, head.extents.shape, head.data.size());
    return false;
  }
  return true;
}

// Shape, dtype and order.
bool take_layout(Cursor& c, Shape& shape, Bytes& dtype, bool& fortran) {
  Extents extents;
  if (take_shape(c, extents) != Parse::ok || extents.negative || !c.take(kDtype) ||
      take_short_text(c, dtype) != Parse::ok || !c.take(kMadeDtype)) {
    return false;
  }
  shape = std::move(extents.shape);
  fortran = c.take(op::NEWTRUE);
  return fortran || c.take(op::NEWFALSE);
}

// The layout in a trailer, which must say what its head says. The shape that it gives is
// the array's own, the head's is reversed in Fortran order.
bool take_same_layout(Cursor& c, const Head& head, bool& fortran, Shape& shape) {
  Bytes dtype;
  if (!take_layout(c, shape, dtype, fortran)) return false;
  const Shape& said = head.extents.shape;
  return dtype.text() == head.dtype_text.text() &&
         shape == (fortran ? Shape(said.rbegin(), said.rend()) : said);
}

bool take_memo(Cursor& c, std::uint8_t slot) {
  return c.take(op::BINGET) && c.take(slot);
}

// array(shape, dtype, slot) of a trailer.
bool take_array(Cursor& c, const Head& head, std::uint8_t slot, bool& fortran,
                Shape& shape) {
  return c.take(kNdarray) && take_same_layout(c, head, fortran, shape) &&
         take_memo(c, slot) && c.take(kState);
}

// One object of a single opcode. False for any other.
bool skip_scalar(Cursor& c) {
  op::Instruction ignored;
  std::uint64_t value = 0;
  bool negative = false;
  return take_one_of(c, ignored, op::NONE, op::NEWTRUE, op::NEWFALSE, op::BINFLOAT,
                     op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8,
                     op::SHORT_BINUNICODE, op::BINUNICODE) == Parse::ok ||
         take_integer(c, value, negative) == Parse::ok;
}

// A fill value: a scalar of one opcode, or a nested array (of rank 0).
bool skip_fill(Cursor& c) {
  if (!c.at(kNdarray)) return skip_scalar(c);
  c.take(kNdarray);
  Shape shape;
  Bytes dtype;
  Image ignored;
  bool fortran = false;
  if (!take_layout(c, shape, dtype, fortran)) return false;
  if (take_bytes(c, ignored) != Parse::ok) return false;
  if (c.take(op::POP) && take_bytes(c, ignored) != Parse::ok) return false;  // a filling
  return c.take(kState);
}

void fill(const Head& head, const Shape& shape, bool fortran, ArrayEntry& entry) {
  std::uint64_t size = 0;
  Array& array = entry.array = Array();
  array.dtype = head.dtype;
  array.shape = shape;
  array.data = head.data.data();
  entry.data_at = head.data.at();
  contiguous_strides(shape, head.dtype.itemsize, fortran, array.strides, size);
}

void fill_mask(const Head& head, const Shape& shape, bool fortran, ArrayEntry& entry) {
  std::uint64_t size = 0;
  Array& array = entry.array;
  array.masked = true;
  array.mask = head.data.data();
  entry.mask_at = head.data.at();
  contiguous_strides(shape, mask_itemsize(array.dtype), fortran, array.mask_strides,
                     size);
}

HeadKind metadata_behind(const Cursor& c, ArrayEntry& entry, std::string& problem) {
  entry.metadata = c.rest().bytes(0, c.rest().size());
  const bool sound = c.done() || (c.at("\x8c\x0cmmappickle:R"sv) &&
                                  entry.metadata[entry.metadata.size - 1] == op::POP);
  if (sound) return HeadKind::array;
  problem = "Something stands behind the array that is no R metadata.";
  return HeadKind::damaged;
}

// The key as it stands again in a trailer.
bool take_key(Cursor& c, Bytes key, ArrayEntry& entry) {
  entry.key_at = c.rest().at();
  return c.take(key.text());
}

HeadKind disagree(std::string& problem) {
  problem = "Head and trailer of the array do not agree in key, dtype or shape.";
  return HeadKind::damaged;
}

// Behind the head: its data into the memo, the head dropped, the key, array(), metadata.
HeadKind read_trailer(Cursor c, Bytes key, const Head& head, ArrayEntry& entry,
                      std::string& problem) {
  bool fortran = false;
  Shape shape;
  if (!c.take("q\0"sv) || !c.take(kDropHead) || !take_key(c, key, entry) ||
      !take_array(c, head, 0, fortran, shape)) {
    return disagree(problem);
  }
  entry.portable = true;
  fill(head, shape, fortran, entry);
  return metadata_behind(c, entry, problem);
}

HeadKind read_masked_trailer(Cursor c, Bytes key, const Head& head, const Head& mask,
                             ArrayEntry& entry, std::string& problem) {
  bool fortran = false, mask_fortran = false;
  Shape shape, mask_shape;
  if (!c.take("q\x01"sv) || !c.take(kDropHead) || !c.take("q\0"sv) ||
      !c.take(kDropMaskedHead) || !take_key(c, key, entry) || !c.take(kMaskedArray)) {
    return disagree(problem);
  }
  const bool with_fill_value = c.take(op::MARK);
  if (!with_fill_value && c.take(kMaskedState)) {
    if (!take_same_layout(c, head, fortran, shape) || !take_memo(c, 0) ||
        !take_memo(c, 1)) {
      return disagree(problem);
    }
    if (!skip_fill(c) || !c.take(kState)) return HeadKind::none;
  } else if (!take_array(c, head, 0, fortran, shape) ||
             !take_array(c, mask, 1, mask_fortran, mask_shape) ||
             fortran != mask_fortran) {
    return disagree(problem);
  } else if (!with_fill_value) {
    if (!c.take(kMasked)) return disagree(problem);
  } else if (!c.take(kBeforeFill) || !skip_fill(c) || !c.take(kFilled)) {
    return HeadKind::none;  // some other fill value: read like any value
  }
  entry.portable = true;
  fill(head, shape, fortran, entry);
  fill_mask(mask, shape, fortran, entry);
  return metadata_behind(c, entry, problem);
}

// Up to the shape in the trailer of a growing array. False: it is none.
bool begin_growing_trailer(Cursor& c, Bytes key) {
  return c.take("q\0"sv) && c.take(kDropHead) && skip_filling(c) && c.take(key.text()) &&
         c.take(kGrowing);
}

// `c` stands at the shape. Of a head and a trailer whose lengths differ the latter's
// counts.
HeadKind read_growing_trailer(Cursor c, Head head, ArrayEntry& entry,
                              std::string& problem) {
  Growth& growth = entry.growth;
  Extents extents;
  Bytes dtype;
  if (!find_length(c, growth.length_at) || take_shape(c, extents) != Parse::ok ||
      extents.shape.empty() || extents.negative || !c.take(kDtype) ||
      take_short_text(c, dtype) != Parse::ok || !c.take(kMadeDtype) || !take_memo(c, 0) ||
      !c.take(kGrown) || dtype.text() != head.dtype_text.text()) {
    return disagree(problem);
  }
  Shape& said = head.extents.shape;
  growth.behind = !said.empty() && said[0] != extents.shape[0];
  if (!said.empty()) said[0] = extents.shape[0];
  if (said != extents.shape) return disagree(problem);
  if (!check_head(head, problem, true)) return HeadKind::damaged;
  growth.grows = entry.portable = true;
  growth.length = extents.shape[0];
  growth.data_at = head.data.at();
  growth.capacity = head.data.size();
  fill(head, extents.shape, false, entry);
  return metadata_behind(c, entry, problem);
}

HeadKind failed(Parse parse, std::string& problem) {
  if (parse == Parse::other) return HeadKind::none;
  problem = "The entry ends inside the head of its array.";
  return HeadKind::damaged;
}

// Of a structured array a bool for each of its fields.
bool are_booleans(const Dtype& dtype) {
  for (const Field& field : dtype.fields) {
    if (!are_booleans(field.dtype)) return false;
  }
  return dtype.kind == Kind::boolean || dtype.kind == Kind::structured;
}

HeadKind read_masked(Cursor c, Bytes key, ArrayEntry& entry, std::string& problem) {
  Head head, mask;
  Parse parse = take_head(c, head);
  if (parse != Parse::ok) return failed(parse, problem);
  if (!check_head(head, problem)) return HeadKind::damaged;
  if (!c.take(kA)) return HeadKind::none;
  parse = take_head(c, mask);
  if (parse != Parse::ok) return failed(parse, problem);
  if (!check_head(mask, problem)) return HeadKind::damaged;
  if (!are_booleans(mask.dtype) || mask.extents.shape != head.extents.shape ||
      mask.dtype.itemsize != mask_itemsize(head.dtype)) {
    problem = "The mask does not fit the masked array.";
    return HeadKind::damaged;
  }
  if (head.behind_shape.text() == kSwallowA) {
    return read_masked_trailer(c, key, head, mask, entry, problem);
  }
  if (!c.take(kMasked) || !c.done()) return HeadKind::none;
  entry.whole = head.is_whole() && mask.is_whole();
  fill(head, head.extents.shape, false, entry);
  fill_mask(mask, mask.extents.shape, false, entry);
  return HeadKind::array;
}

}  // namespace

std::uint64_t array_head(const Image& value) {
  constexpr std::uint64_t kPlain = kA.size(), kMasked = kMaskedHead.size() + kPlain;
  if (value.size() < kPlain || value[0] != op::SHORT_BINUNICODE) return 0;
  if (value.starts_with(kA)) return kPlain;
  const bool masked = value.size() >= kMasked && value.starts_with(kMaskedHead) &&
                      value.from(kMaskedHead.size()).starts_with(kA);
  return masked ? kMasked : 0;
}

HeadKind read_array_entry(const Image& body, ArrayEntry& entry, std::string& problem) {
  entry = ArrayEntry();
  Cursor c(body);
  Bytes key;
  if (take_short_text(c, key) != Parse::ok) return HeadKind::none;
  key = body.bytes(0, key.size + 2);  // with its opcode, as it stands in the trailer
  if (c.take(kMaskedHead)) {
    return c.take(kA) ? read_masked(c, key, entry, problem) : HeadKind::none;
  }
  if (!c.take(kA)) return HeadKind::none;
  Head head;
  std::uint64_t length_at = 0;
  const Parse parse = take_head(c, head, &length_at);
  if (parse != Parse::ok) return failed(parse, problem);
  const bool portable =
      head.behind_dtype.text() == kDropName && head.behind_shape.text() == kDropShape;
  if (!c.done() && !portable) return HeadKind::none;
  Cursor trailer = c;
  const bool grows = portable && length_at != 0 && begin_growing_trailer(trailer, key);
  if (!check_head(head, problem, grows)) return HeadKind::damaged;
  if (grows) {
    entry.growth.head_length_at = length_at;
    return read_growing_trailer(trailer, head, entry, problem);
  }
  if (portable && !c.done()) return read_trailer(c, key, head, entry, problem);
  entry.whole = head.is_whole();
  fill(head, head.extents.shape, false, entry);
  return HeadKind::array;
}

}  // namespace mmappickle::numpy
