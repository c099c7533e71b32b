#include "npy.h"

#include <set>

#include "../base/error.h"
#include "../base/utf8.h"
#include "../numpy/recognise.h"
#include "python_literal.h"
#include "signature.h"

namespace mmappickle::files {
namespace {

using namespace std::string_view_literals;
using numpy::contiguous_strides;
using numpy::Dtype;
using numpy::Kind;
using numpy::Shape;
using numpy::Strides;
using Type = Literal::Type;

constexpr std::string_view kMagic = "\x93NUMPY"sv;
constexpr std::uint64_t kAlignment = 64;

[[noreturn]] void fail(const std::string& what, std::uint64_t at = kMagic.size()) {
  throw Error(ErrorKind::format, "Invalid NumPy array file: " + what + ".",
              "The bytes may be damaged, or cut off.", at);
}

bool to_shape(const Literal& literal, Shape& shape) {
  if (!literal.is(Type::tuple) || literal.items.size() > numpy::kMaxRank) return false;
  for (const Literal& extent : literal.items) {
    if (!extent.is(Type::integer)) return false;
    shape.push_back(extent.integer);
  }
  return true;
}

// dtype.descr: what numpy.lib.format.descr_to_dtype() takes. False for anything else.
bool to_dtype(const Literal& descr, Dtype& dtype, int depth);

// (descr, shape)
bool to_subarray(const Literal& descr, const Literal& of, Dtype& dtype, int depth) {
  Shape shape;
  Strides strides;
  std::uint64_t bytes = 0;
  const bool made = to_dtype(descr, dtype, depth + 1) && dtype.subshape.empty() &&
                    dtype.kind != Kind::object && to_shape(of, shape) &&
                    contiguous_strides(shape, dtype.itemsize, false, strides, bytes) &&
                    bytes > 0 && bytes <= numpy::kMaxItemsize;
  if (!made) return false;
  dtype.subshape = shape;
  dtype.itemsize = bytes;
  return true;
}

// (name or (title, name), descr[, shape])
bool to_field(const Literal& field, numpy::Field& out, int depth) {
  if (!field.is(Type::tuple) || field.items.size() < 2 || field.items.size() > 3) {
    return false;
  }
  const Literal* name = &field.items[0];
  if (name->is(Type::tuple) && name->items.size() == 2) name = &name->items[1];
  if (!name->is(Type::text)) return false;
  out.name = name->text;
  return field.items.size() == 2
             ? to_dtype(field.items[1], out.dtype, depth + 1)
             : to_subarray(field.items[1], field.items[2], out.dtype, depth + 1);
}

bool to_dtype(const Literal& descr, Dtype& dtype, int depth) {
  if (depth > numpy::kMaxDtypeDepth) return false;
  if (descr.is(Type::text)) return parse_dtype(descr.text, dtype);
  if (descr.is(Type::tuple)) {
    return descr.items.size() == 2 &&
           to_subarray(descr.items[0], descr.items[1], dtype, depth);
  }
  if (!descr.is(Type::list)) return false;
  Dtype made;
  made.kind = Kind::structured;
  made.itemsize = 0;
  std::set<std::string_view> names;
  for (const Literal& item : descr.items) {
    numpy::Field field;
    if (!to_field(item, field, depth)) return false;
    field.offset = made.itemsize;
    made.itemsize += field.dtype.itemsize;
    if (made.itemsize > numpy::kMaxItemsize) return false;
    // Bytes without a name are what align=True put between the fields.
    if (field.name.empty() && field.dtype.kind == Kind::raw) continue;
    made.fields.push_back(std::move(field));
  }
  for (const numpy::Field& field : made.fields) {
    if (!names.insert(field.name).second) return false;
  }
  dtype = std::move(made);
  return true;
}

struct Header {
  Dtype dtype;
  Shape shape;
  bool fortran = false;
};

// {'descr': ..., 'fortran_order': ..., 'shape': ...}: these keys, and no others.
Header to_header(const Literal& dict) {
  const Literal *descr = nullptr, *order = nullptr, *shape = nullptr;
  if (dict.is(Type::dict)) {
    for (std::size_t i = 0; i < dict.items.size(); i += 2) {
      const Literal& key = dict.items[i];
      const auto is = [&key](const char* name) {
        return key.is(Type::text) && key.text == name;
      };
      const Literal*& place = is("descr") ? descr : is("fortran_order") ? order : shape;
      if (place != nullptr || (&place == &shape && !is("shape"))) {
        fail("its header has other members than it should");
      }
      place = &dict.items[i + 1];
    }
  }
  if (!descr || !order || !shape) fail("its header is no dict of dtype, order and shape");
  Header header;
  if (!to_dtype(*descr, header.dtype, 0) || !header.dtype.subshape.empty()) {
    fail("the dtype in its header is not known");
  }
  if (!order->is(Type::boolean))
    fail("the order in its header is neither C's nor Fortran's");
  if (!to_shape(*shape, header.shape))
    fail("the shape in its header is no tuple of sizes");
  header.fortran = order->integer != 0;
  return header;
}

// The text of the header, as UTF-8, and where it ends.
std::string header_text(Bytes bytes, std::uint64_t& end) {
  const std::uint64_t at = kMagic.size() + 2;
  if (!bytes.holds(0, at)) fail("it ends inside of its header");
  const std::uint8_t major = bytes[kMagic.size()], minor = bytes[kMagic.size() + 1];
  if (major < 1 || major > 3 || minor != 0) {
    fail("its version is " + std::to_string(major) + "." + std::to_string(minor) +
         "; 1.0, 2.0 and 3.0 are known");
  }
  const int width = major == 1 ? 2 : 4;
  if (!bytes.holds(at, static_cast<std::uint64_t>(width))) {
    fail("it ends inside of its header");
  }
  const std::uint64_t size = load_le(bytes.data + at, width);
  const std::uint64_t begin = at + static_cast<std::uint64_t>(width);
  if (!bytes.holds(begin, size)) fail("it ends inside of its header");
  if (size > kLongestHeader) fail("its header is longer than any");
  end = begin + size;
  const Bytes text = bytes.slice(begin, size);
  if (major < 3) return latin1_to_utf8(text);
  if (classify_text(text) == TextKind::invalid) fail("its header is no text");
  return std::string(text.text());
}

}  // namespace

Npy read_npy(Bytes bytes) {
  if (!bytes.starts_with(kMagic)) {
    throw not_that(bytes, "a NumPy array file (.npy)",
                   Error(ErrorKind::format, "this is no NumPy array file (.npy)",
                         "Is this the right file?", 0));
  }
  Npy npy;
  const std::string text = header_text(bytes, npy.data);
  const std::optional<Literal> literal = parse_literal(Bytes(std::string_view(text)));
  if (!literal) fail("its header is no literal of Python");
  const Header header = to_header(*literal);
  npy.array.dtype = header.dtype;
  npy.array.shape = header.shape;
  npy.objects = numpy::has_objects(header.dtype);
  if (npy.objects) return npy;
  std::uint64_t size = 0;
  if (!contiguous_strides(header.shape, header.dtype.itemsize, header.fortran,
                          npy.array.strides, size) ||
      !bytes.holds(npy.data, size)) {
    fail("it has " + std::to_string(bytes.size - npy.data) +
             " bytes of data, fewer than its shape and dtype say",
         npy.data);
  }
  npy.array.data = bytes.data + npy.data;
  npy.end = npy.data + size;
  return npy;
}

namespace {

std::string shape_text(const Shape& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return out + (shape.size() == 1 ? ",)" : ")");
}

std::string padding_text(std::uint64_t size) {
  return "('', '|V" + std::to_string(size) + "'), ";
}

std::string descr_text(const Dtype& dtype) {
  if (dtype.kind != Kind::structured) return literal_of(code(dtype));
  std::string out = "[";
  std::uint64_t at = 0;
  for (const numpy::Field& field : dtype.fields) {
    if (field.offset < at || field.name.empty()) {
      throw Error(ErrorKind::value,
                  "Fields that overlap, or have no name, have no form in .npy files.",
                  "Choose dtypes anew: ndarray(x, dtype).");
    }
    if (field.offset > at) out += padding_text(field.offset - at);
    out += "(" + literal_of(field.name) + ", " + descr_text(field.dtype);
    if (!field.dtype.subshape.empty()) out += ", " + shape_text(field.dtype.subshape);
    out += "), ";
    at = field.offset + field.dtype.itemsize;
  }
  const std::uint64_t size = dtype.base_itemsize();
  if (size > at) out += padding_text(size - at);
  if (out.size() > 1) out.resize(out.size() - 2);
  return out + "]";
}

}  // namespace

void put_npy_head(Output& output, const Dtype& dtype, const Shape& shape, bool fortran) {
  std::string text = "{'descr': " + descr_text(dtype) +
                     ", 'fortran_order': " + (fortran ? "True" : "False") +
                     ", 'shape': " + shape_text(shape) + ", }";
  // As NumPy does: the oldest version that can have it.
  const auto head_of = [](int version) -> std::uint64_t {
    return kMagic.size() + (version == 1 ? 4 : 6);
  };
  int version = is_ascii(Bytes(std::string_view(text))) ? 1 : 3;
  if (version == 1 && text.size() + kAlignment > UINT16_MAX) version = 2;
  const std::uint64_t used = head_of(version) + text.size() + 1;
  text.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  text += '\n';
  output.put(kMagic);
  output.put(static_cast<std::uint8_t>(version));
  output.put(std::uint8_t{0});
  output.put_le(text.size(), version == 1 ? 2 : 4);
  output.put(std::string_view(text));
}

}  // namespace mmappickle::files
