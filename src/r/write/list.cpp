// Lists, data frames, and (in attributes) language.
#include <algorithm>
#include <unordered_set>

#include "r/write/encode.h"

namespace mmappickle {

using numpy::NewArray;
using numpy::Shape;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

bool is_ascii(SEXP charsxp) {
  const char* text = CHAR(charsxp);
  return std::all_of(text, text + LENGTH(charsxp), [](char c) { return c > 0; });
}

// Names that can be a dict's keys: none empty or NA, and distinct as UTF-8. R holds equal
// strings once, but for those of different encodings.
bool are_keys(SEXP names) {
  std::unordered_set<SEXP> seen;
  std::unordered_set<std::string> translated;
  for (R_xlen_t i = 0; i < Rf_xlength(names); ++i) {
    SEXP name = string_elt(names, i);
    if (name == NA_STRING || LENGTH(name) == 0 || Rf_getCharCE(name) == CE_BYTES) {
      return false;
    }
    if (is_ascii(name) ? !seen.insert(name).second
                       : !translated.insert(utf8_of(name)).second) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Encoder::open_list(Frame& frame, SEXP attributes) {
  SEXP x = frame.x;
  SEXP names = get_attribute(attributes, "names");
  // POSIXlt and the like have names() of their own
  if (TYPEOF(x) == VECSXP) names = Rf_getAttrib(x, R_NamesSymbol);
  const bool data_frame = has_class(get_attribute(attributes, "class"), "data.frame");
  if (get_attribute(attributes, "dim") != R_NilValue || frame.ndarray != R_NilValue) {
    frame.form = Form::objects;
  } else if (TYPEOF(names) == STRSXP && TYPEOF(x) == VECSXP && are_keys(names)) {
    frame.form = Form::dict;
  } else if (data_frame && TYPEOF(names) == STRSXP) {
    frame.form = Form::pairs;
  } else {
    frame.form = Form::list;
  }
  const R_xlen_t n = Rf_xlength(x);
  frame.items = static_cast<std::size_t>(n);
  frame.parts.reserve(frame.items);
  for (R_xlen_t i = 0; i < n; ++i) {
    SEXP item = vector_elt(x, i);
    frame.parts.push_back(
        {ALTREP(x) ? borrowed_->anchor(item) : item, R_NilValue, data_frame});
  }
}

// A call or pairlist: a list of what it is made of, the tags as names.
void Encoder::open_language(Frame& frame) {
  SEXP x = frame.x;
  frame.form = Form::list;
  if (TYPEOF(x) == EXPRSXP) {
    frame.type = "expression";
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
      frame.parts.push_back({vector_elt(x, i), R_NilValue, false});
    }
    frame.items = frame.parts.size();
    return;
  }
  frame.type = TYPEOF(x) == LANGSXP ? "call" : "pairlist";
  for (SEXP cell = x; cell != R_NilValue; cell = CDR(cell)) {
    frame.parts.push_back({CAR(cell), R_NilValue, false});
  }
  frame.items = frame.parts.size();
  if (TYPEOF(x) != LANGSXP) return;  // attributes() tells a pairlist's names itself
  SEXP names = borrowed_->anchor(protect([&] { return Rf_getAttrib(x, R_NamesSymbol); }));
  if (names == R_NilValue) return;
  static SEXP name = protect([] { return PRINTNAME(R_NamesSymbol); });
  frame.parts.push_back({names, name, false});
}

Encoder::Encoded Encoder::symbol(SEXP x) {
  Encoded out;
  out.value = text_of(PRINTNAME(x));
  out.type = "symbol";
  return out;
}

// The few that every session has.
bool Encoder::environment(SEXP x, Encoded& out) {
  const char* name = x == R_GlobalEnv  ? "global"
                     : x == R_BaseEnv  ? "base"
                     : x == R_EmptyEnv ? "empty"
                                       : nullptr;
  if (!name) return false;
  out = Encoded();
  out.value = word(name);
  out.type = "environment";
  out.meta = meta_of(Frame(), out);
  return true;
}

Encoder::Encoded Encoder::list(const Frame& frame) {
  pickle::Tree& tree = recipe_.tree;
  const bool dict = frame.form == Form::dict;
  Encoded out;
  out.value = tree.container(dict ? Tag::dict : Tag::list);
  out.type = frame.type;
  std::vector<Id> items;
  items.reserve(frame.items * (dict ? 2 : 1));
  SEXP names = dict ? Rf_getAttrib(frame.x, R_NamesSymbol) : R_NilValue;
  for (std::size_t i = 0; i < frame.items; ++i) {
    if (dict) items.push_back(text_of(string_elt(names, static_cast<R_xlen_t>(i))));
    items.push_back(frame.done[i].value);
  }
  tree.append(out.value, items.data(), items.size());
  if (!dict && !out.type && simplified(tree, out.value, has_bit64()) != Simple::no)
    out.type = "list";
  return out;
}

// A data frame whose names are no keys: [[name, column], ...].
Encoder::Encoded Encoder::pairs(const Frame& frame) {
  pickle::Tree& tree = recipe_.tree;
  Encoded out;
  out.value = tree.container(Tag::list);
  out.type = "pairs";
  SEXP names = Rf_getAttrib(frame.x, R_NamesSymbol);
  bool bytes = false;
  for (std::size_t i = 0; i < frame.items; ++i) {
    SEXP name = string_elt(names, static_cast<R_xlen_t>(i));
    bytes = bytes || Rf_getCharCE(name) == CE_BYTES;
    tree.append(out.value,
                tree.container(Tag::list, {text_of(name), frame.done[i].value}));
  }
  if (bytes) out.bytes = byte_positions(names);
  return out;
}

// A list with dim: an object array.
Encoder::Encoded Encoder::objects(Frame& frame) {
  const Shape shape = shape_of(frame.x);
  numpy::Strides strides;
  std::uint64_t bytes = 0;
  numpy::contiguous_strides(shape, 1, flags_.reversed, strides, bytes);
  std::vector<Encoded> done(frame.items);
  std::vector<std::uint64_t> at(shape.size(), 0);
  bool text = frame.items > 0;
  for (std::size_t i = 0; i < frame.items; ++i) {
    std::int64_t place = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) {
      place += static_cast<std::int64_t>(at[a]) * strides[a];
    }
    const Tag tag = recipe_.tree[frame.done[i].value].tag;
    text = text && (tag == Tag::text || tag == Tag::none);
    done[static_cast<std::size_t>(place)] = frame.done[i];
    for (std::size_t a = 0; a < shape.size() && ++at[a] == shape[a]; ++a) at[a] = 0;
  }
  // The metadata of the items counts them as Python does.
  std::copy(done.begin(), done.end(), frame.done.begin());
  std::vector<Id> items;
  items.reserve(done.size());
  for (const Encoded& item : done) items.push_back(item.value);
  NewArray array;
  array.dtype.kind = numpy::Kind::object;
  array.shape = flags_.reversed ? Shape(shape.rbegin(), shape.rend()) : shape;
  array.objects = recipe_.tree.container(Tag::list, items);
  array.fortran = frame.ndarray != R_NilValue && shape.size() > 1 &&
                  is_fortran(vector_elt(frame.ndarray, 2));
  Encoded out = add_array(std::move(array));
  if (text) out.type = "list";
  return out;
}

}  // namespace mmappickle
