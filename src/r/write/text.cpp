// Strings, and factors.
#include "core/base/utf8.h"
#include "r/write/encode.h"

namespace mmappickle {

using numpy::NewArray;
using numpy::Shape;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

// One node for equal strings, which R holds once, too: the writer then shares them, as
// Python does for its own.
Id Encoder::text_of(SEXP charsxp) {
  if (charsxp == NA_STRING) return recipe_.tree.none();
  Id& node = shared_.emplace(charsxp, kNoId).first->second;
  if (node == kNoId) node = new_text(charsxp);
  return node;
}

Id Encoder::new_text(SEXP charsxp) {
  Bytes bytes(reinterpret_cast<const std::uint8_t*>(CHAR(charsxp)),
              static_cast<std::uint64_t>(LENGTH(charsxp)));
  if (Rf_getCharCE(charsxp) == CE_BYTES) {
    return recipe_.tree.text(recipe_.tree.keep(surrogate_escape(bytes)));
  }
  const std::string text = utf8_of(charsxp);
  if (bytes.text() != text) bytes = recipe_.tree.keep(text);
  if (!is_r_text(bytes)) {
    refuse(ErrorKind::value, "a string is not valid UTF-8",
           "Convert it with iconv(), or mark it: Encoding(x) <- \"bytes\".");
  }
  return recipe_.tree.text(bytes);
}

// Of the strings in the encoding "bytes", or none.
Id Encoder::byte_positions(SEXP x) {
  std::vector<Id> at;
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP s = string_elt(x, i);
    if (s != NA_STRING && Rf_getCharCE(s) == CE_BYTES) {
      at.push_back(recipe_.tree.integer(static_cast<std::int64_t>(i)));
    }
  }
  return at.empty() ? kNoId : recipe_.tree.container(Tag::list, at);
}

// A list of str; with dim an object array. NA is None.
Encoder::Encoded Encoder::character(SEXP x, SEXP dim) {
  pickle::Tree& tree = recipe_.tree;
  Shape shape = shape_of(x);
  const R_xlen_t n = Rf_xlength(x);
  // Arrays in C order of the shape that Python sees, that is, of R's dims or their
  // reverse.
  std::vector<Id> items(static_cast<std::size_t>(n));
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  numpy::contiguous_strides(shape, 1, flags_.reversed, strides, bytes);
  std::vector<std::uint64_t> at(shape.size(), 0);
  bool byte_strings = false;
  for (R_xlen_t i = 0; i < n; ++i) {
    std::int64_t place = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) {
      place += static_cast<std::int64_t>(at[a]) * strides[a];
    }
    SEXP s = string_elt(x, i);
    byte_strings = byte_strings || Rf_getCharCE(s) == CE_BYTES;
    items[static_cast<std::size_t>(place)] = text_of(s);
    for (std::size_t a = 0; a < shape.size() && ++at[a] == shape[a]; ++a) at[a] = 0;
  }
  const Id list = tree.container(Tag::list, items);
  Encoded out;
  out.value = list;
  if (dim != R_NilValue) {
    NewArray array;
    array.dtype.kind = numpy::Kind::object;
    array.shape = flags_.reversed ? Shape(shape.rbegin(), shape.rend()) : shape;
    array.objects = list;
    out = add_array(std::move(array));
  }
  out.type = "character";
  if (byte_strings) out.bytes = byte_positions(x);
  return out;
}

// Codes that have a level, or are NA.
bool Encoder::is_factor(SEXP x, SEXP attributes) {
  SEXP levels = get_attribute(attributes, "levels");
  if (TYPEOF(x) != INTSXP || TYPEOF(levels) != STRSXP ||
      !has_class(get_attribute(attributes, "class"), "factor")) {
    return false;
  }
  const auto* codes = static_cast<const int*>(read_pointer(x));
  const R_xlen_t n = Rf_xlength(x), count = Rf_xlength(levels);
  for (R_xlen_t i = 0; i < n; ++i) {
    if (codes[i] != NA_INTEGER && (codes[i] < 1 || codes[i] > count)) return false;
  }
  return true;
}

// A list of str, NA is None; the codes behind it.
Encoder::Encoded Encoder::factor(const Frame& frame) {
  SEXP x = frame.x;
  SEXP levels = Rf_getAttrib(x, R_LevelsSymbol);
  const auto* codes = static_cast<const int*>(read_pointer(x));
  const R_xlen_t n = Rf_xlength(x);
  std::vector<Id> texts, items(static_cast<std::size_t>(n));
  for (R_xlen_t i = 0; i < Rf_xlength(levels); ++i) {
    texts.push_back(text_of(string_elt(levels, i)));
  }
  for (R_xlen_t i = 0; i < n; ++i) {
    items[static_cast<std::size_t>(i)] =
        codes[i] == NA_INTEGER ? recipe_.tree.none()
                               : texts[static_cast<std::size_t>(codes[i] - 1)];
  }
  Encoded out;
  out.value = recipe_.tree.container(Tag::list, items);
  out.type = "factor";
  NewArray array;
  array.dtype = numpy::natural_dtype(numpy::RType::integer);
  array.shape = {static_cast<std::uint64_t>(n)};
  array.data = memory_source(Bytes(reinterpret_cast<const std::uint8_t*>(codes),
                                   static_cast<std::uint64_t>(n) * sizeof(int)));
  out.own = add_array(std::move(array)).value;
  return out;
}

}  // namespace mmappickle
