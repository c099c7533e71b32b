#include "r/write/text.h"

#include "core/base/utf8.h"
#include "core/plan/simplify.h"
#include "r/interrupt.h"
#include "r/text.h"
#include "r/trusted_classes.h"
#include "r/vector.h"
#include "r/write/array.h"
#include "r/write/attributes.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

constexpr std::size_t kBetweenPolls = 4096;  // strings

Id new_text(Context& context, SEXP charsxp) {
  pickle::Tree& tree = context.tree;
  Bytes bytes(reinterpret_cast<const std::uint8_t*>(CHAR(charsxp)),
              static_cast<std::uint64_t>(LENGTH(charsxp)));
  if (Rf_getCharCE(charsxp) == CE_BYTES) {
    context.any_bytes = true;
    return tree.text(tree.keep(surrogate_escape(bytes)));
  }
  if (is_ascii(bytes)) return tree.text(bytes);
  if (Rf_getCharCE(charsxp) != CE_UTF8) {
    std::string text = utf8_of(charsxp);
    if (bytes.text() != text) bytes = tree.keep(std::move(text));
  }
  if (!plan::is_r_text(bytes)) {
    context.refuse(ErrorKind::value, "a string is not valid UTF-8",
                   "Convert it with iconv(), or mark it: Encoding(x) <- \"bytes\".");
  }
  return tree.text(bytes);
}

// A list in the order of C.
Encoded list_of(Context& context, SEXP x) {
  const auto n = static_cast<std::size_t>(Rf_xlength(x));
  const auto* strings = static_cast<const SEXP*>(read_pointer(x));
  const auto text = [&](std::size_t i) { return text_of(context, strings[i]); };
  const numpy::Shape dims = dims_of(x);
  Encoded out;
  if (dims.size() > 1) {
    numpy::PythonPlaces places(dims, context.flags.reversed);
    std::vector<Id> placed(n);
    for (std::size_t i = 0; i < n; ++i) placed[places.next()] = text(i);
    out.value = context.tree.container(Tag::list, placed);
  } else {
    out.value = context.tree.container(Tag::list, n, text);
  }
  out.type = "character";
  if (context.any_bytes) out.bytes = byte_positions(context, x);
  return out;
}

}  // namespace

Id text_of(Context& context, SEXP charsxp) {
  if (charsxp == NA_STRING) return context.tree.none();
  Id& node = context.nodes[charsxp];
  if (node == kNoId) {
    node = new_text(context, charsxp);
    if (context.nodes.size() % kBetweenPolls == 0) poll_interrupt();
  }
  return node;
}

Id byte_positions(Context& context, SEXP x) {
  std::vector<Id> at;
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    SEXP s = string_elt(x, i);
    if (s != NA_STRING && Rf_getCharCE(s) == CE_BYTES) {
      at.push_back(context.tree.integer(static_cast<std::int64_t>(i)));
    }
  }
  return at.empty() ? kNoId : context.tree.container(Tag::list, at);
}

Encoded encode_strings(Context& context, SEXP x) {
  const bool has_dim = Rf_getAttrib(x, R_DimSymbol) != R_NilValue;
  return has_dim ? encode_string_objects(context, x, false) : list_of(context, x);
}

Encoded encode_string_objects(Context& context, SEXP x, bool fortran) {
  Encoded out = list_of(context, x);
  const numpy::Layout layout = context.layout(fortran);
  out.value = add_array(context, object_array(dims_of(x), out.value, layout)).value;
  return out;
}

bool is_factor(SEXP x, SEXP attributes) {
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

Encoded encode_factor(Context& context, SEXP x) {
  SEXP levels = Rf_getAttrib(x, R_LevelsSymbol);
  const auto* codes = static_cast<const int*>(read_pointer(x));
  const auto n = static_cast<std::size_t>(Rf_xlength(x));
  std::vector<Id> texts, items(n);
  for (R_xlen_t i = 0; i < Rf_xlength(levels); ++i) {
    texts.push_back(text_of(context, string_elt(levels, i)));
  }
  for (std::size_t i = 0; i < n; ++i) {
    items[i] = codes[i] == NA_INTEGER ? context.tree.none()
                                      : texts[static_cast<std::size_t>(codes[i] - 1)];
  }
  Encoded out;
  out.value = context.tree.container(Tag::list, items);
  out.type = "factor";
  numpy::NewArray array;
  array.dtype = numpy::natural_dtype(numpy::RType::integer);
  array.shape = {n};
  array.data =
      memory_source(Bytes(reinterpret_cast<const std::uint8_t*>(codes), n * sizeof(int)));
  out.r_value = add_array(context, std::move(array)).value;
  return out;
}

}  // namespace mmappickle::write
