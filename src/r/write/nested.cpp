// Nested assignment to a value that is no array: what it leaves alone stays the node of
// the file that it was, and a list, tuple or set that it changes stays one while the new
// value fits.
#include <cstring>

#include "core/numpy/portable.h"
#include "r/write/encode.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

namespace {

// Beyond this the arrays inside of untouched parts keep their form: bytes for each byte
// of the entry, and at least.
constexpr std::uint64_t kMultiple = 16, kAtLeast = 1 << 20;

// Can be an item of a Python set.
bool is_hashable(Tag tag) {
  switch (tag) {
    case Tag::none:
    case Tag::boolean:
    case Tag::integer:
    case Tag::big_integer:
    case Tag::real:
    case Tag::text:
    case Tag::bytes:
    case Tag::frozenset:
    case Tag::global:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Encoder::untouched(SEXP x, Encoded& out) const {
  const auto found = origin_->nodes.find(x);
  if (found == origin_->nodes.end()) return false;
  out = Encoded();
  out.value = found->second;
  return true;
}

bool Encoder::is_sequence(Id id) const {
  if (id == kNoId) return false;
  const Tag tag = recipe_.tree[id].tag;
  return tag == Tag::list || tag == Tag::tuple || tag == Tag::set ||
         tag == Tag::frozenset;
}

// What stood in the file where the frame's items stand: by position, or by key.
void Encoder::find_origins(Frame& frame) {
  const pickle::Tree& tree = recipe_.tree;
  frame.item_origins.assign(frame.items, kNoId);
  if (frame.form == Form::list && is_sequence(frame.origin)) {
    std::size_t i = 0;
    for (Id item : tree.items(frame.origin)) {
      if (i >= frame.items) break;
      frame.item_origins[i++] = item;
    }
  } else if (frame.form == Form::dict && tree[frame.origin].tag == Tag::dict) {
    std::unordered_map<std::string_view, Id> values;
    Id key = kNoId;
    for (Id id : tree.items(frame.origin)) {
      if (key == kNoId) {
        key = id;
        continue;
      }
      if (tree[key].tag == Tag::text) values[tree.text_of(key)] = id;
      key = kNoId;
    }
    SEXP names = Rf_getAttrib(frame.x, R_NamesSymbol);
    for (std::size_t i = 0; i < frame.items; ++i) {
      const auto found = values.find(utf8_of(string_elt(names, R_xlen_t(i))));
      if (found != values.end()) frame.item_origins[i] = found->second;
    }
  }
}

// One element of a vector; `before`, the item that stood there, if it is the same.
Id Encoder::element(SEXP x, R_xlen_t i, Id before) {
  pickle::Tree& tree = recipe_.tree;
  const Node* old = before == kNoId ? nullptr : &tree[before];
  switch (TYPEOF(x)) {
    case LGLSXP: {
      const int v = integer_elt(x, i);
      return v == NA_LOGICAL ? tree.none() : tree.boolean(v != 0);
    }
    case INTSXP: {
      const int v = integer_elt(x, i);
      return v == NA_INTEGER ? tree.none() : tree.integer(v);
    }
    case REALSXP: {
      double v;
      std::memcpy(&v, static_cast<const double*>(read_pointer(x)) + i, sizeof v);
      if (old && old->tag == Tag::integer && static_cast<double>(old->integer) == v) {
        return before;
      }
      if (old && old->tag == Tag::none && ISNA(v)) return before;
      return tree.real(v);
    }
    default:
      return text_of(string_elt(x, i));
  }
}

// A vector without attributes where a list, tuple or set of scalars stood.
bool Encoder::sequence(const Frame& frame, Encoded& out) {
  SEXP x = frame.x;
  const int type = TYPEOF(x);
  if (!is_sequence(frame.origin) || !frame.parts.empty() || Rf_xlength(x) == 0 ||
      Rf_isObject(x) || Rf_getAttrib(x, R_DimSymbol) != R_NilValue || view_of(x)) {
    return false;
  }
  Simple simple;
  switch (type) {
    case LGLSXP:
      simple = Simple::logical;
      break;
    case INTSXP:
      simple = Simple::integer;
      break;
    case REALSXP:
      simple = Simple::real;
      break;
    case STRSXP:
      if (byte_positions(x) != kNoId) return false;
      simple = Simple::character;
      break;
    default:
      return false;
  }
  pickle::Tree& tree = recipe_.tree;
  std::vector<Id> before, items;
  for (Id item : tree.items(frame.origin)) before.push_back(item);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    const auto at = static_cast<std::size_t>(i);
    items.push_back(element(x, i, at < before.size() ? before[at] : kNoId));
  }
  const Id node = tree.container(tree[frame.origin].tag, items);
  if (simplified(tree, node, has_bit64()) != simple)
    return false;  // all NA, or ints where doubles were
  out = Encoded();
  out.value = node;
  return true;
}

// A list where a tuple or set stood.
void Encoder::keep_kind(const Frame& frame, Encoded& out) {
  pickle::Tree& tree = recipe_.tree;
  if (frame.form != Form::list || frame.type || !is_sequence(frame.origin)) return;
  const Tag tag = tree[frame.origin].tag;
  if (tag == Tag::list) return;
  std::vector<Id> items;
  for (Id item : tree.items(out.value)) {
    if (tag != Tag::tuple && !is_hashable(tree[item].tag)) return;
    items.push_back(item);
  }
  out.value = tree.container(tag, items);
}

// Arrays inside of untouched parts: aligned again, so that they can be mapped.
void Encoder::finish_nested() {
  numpy::make_portable(recipe_, memory_source,
                       kMultiple * origin_->loaded.bytes + kAtLeast);
}

}  // namespace mmappickle
