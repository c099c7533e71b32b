#include "npy.h"

#include <set>

#include "../base/error.h"
#include "../base/utf8.h"
#include "../numpy/recognise.h"
#include "../pickle/inert.h"
#include "../pickle/python_literal.h"
#include "signature.h"

namespace mmappickle::files {
namespace {

using namespace std::string_view_literals;
using numpy::contiguous_strides;
using numpy::Dtype;
using numpy::Kind;
using numpy::Shape;
using numpy::Strides;
using pickle::Id;
using pickle::kNoId;
using pickle::literal_of;
using pickle::Tag;
using pickle::Tree;

constexpr std::string_view kMagic = "\x93NUMPY"sv;
constexpr std::uint64_t kAlignment = 64;

[[noreturn]] void fail(const std::string& what, std::uint64_t at = kMagic.size()) {
  throw Error(ErrorKind::format, "Invalid NumPy array file: " + what + ".",
              "The bytes may be damaged, or cut off.", at);
}

bool to_shape(const Tree& tree, Id literal, Shape& shape) {
  if (tree[literal].tag != Tag::tuple || tree[literal].size > numpy::kMaxRank)
    return false;
  for (Id extent : tree.items(literal)) {
    if (tree[extent].tag != Tag::integer || tree[extent].integer < 0) return false;
    shape.push_back(static_cast<std::uint64_t>(tree[extent].integer));
  }
  return true;
}

// dtype.descr: what numpy.lib.format.descr_to_dtype() takes. False for anything else.
bool to_dtype(const Tree& tree, Id descr, Dtype& dtype, int depth);

// (descr, shape)
bool to_subarray(const Tree& tree, Id descr, Id of, Dtype& dtype, int depth) {
  Shape shape;
  Strides strides;
  std::uint64_t bytes = 0;
  const bool made = to_dtype(tree, descr, dtype, depth + 1) && dtype.subshape.empty() &&
                    dtype.kind != Kind::object && to_shape(tree, of, shape) &&
                    contiguous_strides(shape, dtype.itemsize, false, strides, bytes) &&
                    bytes > 0 && bytes <= numpy::kMaxItemsize;
  if (!made) return false;
  dtype.subshape = shape;
  dtype.itemsize = bytes;
  return true;
}

// (name or (title, name), descr[, shape])
bool to_field(const Tree& tree, Id field, numpy::Field& out, int depth) {
  const std::uint64_t n = tree[field].size;
  if (tree[field].tag != Tag::tuple || n < 2 || n > 3) return false;
  Id name = tree.item(field, 0);
  if (tree[name].tag == Tag::tuple && tree[name].size == 2) name = tree.item(name, 1);
  if (tree[name].tag != Tag::text) return false;
  out.name = tree.text_of(name);
  const Id descr = tree.item(field, 1);
  return n == 2 ? to_dtype(tree, descr, out.dtype, depth + 1)
                : to_subarray(tree, descr, tree.item(field, 2), out.dtype, depth + 1);
}

bool to_dtype(const Tree& tree, Id descr, Dtype& dtype, int depth) {
  if (depth > numpy::kMaxDtypeDepth) return false;
  const Tag tag = tree[descr].tag;
  if (tag == Tag::text) return parse_dtype(tree.text_of(descr), dtype);
  if (tag == Tag::tuple) {
    return tree[descr].size == 2 &&
           to_subarray(tree, tree.item(descr, 0), tree.item(descr, 1), dtype, depth);
  }
  if (tag != Tag::list) return false;
  Dtype made;
  made.kind = Kind::structured;
  made.itemsize = 0;
  std::set<std::string_view> names;
  for (Id item : tree.items(descr)) {
    numpy::Field field;
    if (!to_field(tree, item, field, depth)) return false;
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
Header to_header(const Tree& tree, Id dict) {
  Id descr = kNoId, order = kNoId, shape = kNoId;
  if (tree[dict].tag == Tag::dict) {
    const std::vector<Id> items = items_of(tree, dict);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const bool is_descr = tree.is_text(items[i], "descr");
      const bool is_order = tree.is_text(items[i], "fortran_order");
      Id& place = is_descr ? descr : is_order ? order : shape;
      const bool known = is_descr || is_order || tree.is_text(items[i], "shape");
      if (place != kNoId || !known) fail("its header has other members than it should");
      place = items[i + 1];
    }
  }
  if (descr == kNoId || order == kNoId || shape == kNoId) {
    fail("its header is no dict of dtype, order and shape");
  }
  Header header;
  if (!to_dtype(tree, descr, header.dtype, 0) || !header.dtype.subshape.empty()) {
    fail("the dtype in its header is not known");
  }
  if (tree[order].tag != Tag::boolean) {
    fail("the order in its header is neither C's nor Fortran's");
  }
  if (!to_shape(tree, shape, header.shape)) {
    fail("the shape in its header is no tuple of sizes");
  }
  header.fortran = tree[order].flag;
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
  Tree tree;
  const Id literal = pickle::read_literal(tree, Bytes(std::string_view(text)));
  if (literal == kNoId) fail("its header is no literal of Python");
  const Header header = to_header(tree, literal);
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
