#include "r/write/nested.h"

#include <cstring>
#include <map>

#include "core/numpy/portable.h"
#include "core/plan/simplify.h"
#include "core/python/keys.h"
#include "r/call.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/entry_watch.h"
#include "r/view/view.h"
#include "r/write/text.h"
#include "r/write/vector.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

void begin_nested(Context& context, Origin& origin) {
  context.tree = std::move(origin.loaded.tree);
  context.memory.mapping = origin.loaded.mapping;
  context.watch(EntryWatch::of(origin.loaded));
}

void finish_nested(Context& context, const Origin& origin) {
  // Beyond this the arrays inside of untouched parts keep their form: bytes for each byte
  // of the entry, and at least.
  constexpr std::uint64_t kMultiple = 16, kAtLeast = 1 << 20;
  numpy::make_portable(context.stored_value, memory_source,
                       kMultiple * origin.loaded.bytes + kAtLeast);
}

bool is_unchanged(const Origin& origin, SEXP x, Encoded& out) {
  const auto found = origin.nodes.find(x);
  if (found == origin.nodes.end()) return false;
  out = Encoded();
  out.value = found->second;
  return true;
}

bool is_sequence(const pickle::Tree& tree, Id id) {
  if (id == kNoId) return false;
  const Tag tag = tree[id].tag;
  return tag == Tag::list || tag == Tag::tuple || tag == Tag::set ||
         tag == Tag::frozenset;
}

void find_origins_by_position(const Context& context, Id origin,
                              std::vector<Part>& items) {
  if (!is_sequence(context.tree, origin)) return;
  std::size_t i = 0;
  for (Id item : context.tree.items(origin)) {
    if (i == items.size()) break;
    items[i++].origin = item;
  }
}

void find_origins_by_name(const Context& context, Id origin, SEXP names,
                          std::vector<Part>& items) {
  const pickle::Tree& tree = context.tree;
  if (origin == kNoId || tree[origin].tag != Tag::dict) return;
  std::map<std::string_view, Id> values;  // no hash whose collisions a file could choose
  Id key = kNoId;
  for (Id id : tree.items(origin)) {
    if (key == kNoId) {
      key = id;
      continue;
    }
    if (tree[key].tag == Tag::text) values[tree.text_of(key)] = id;
    key = kNoId;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto found = values.find(utf8_of(string_elt(names, static_cast<R_xlen_t>(i))));
    if (found != values.end()) items[i].origin = found->second;
  }
}

Id element(Context& context, SEXP x, R_xlen_t i, plan::SequenceKind kind) {
  pickle::Tree& tree = context.tree;
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
      if (kind.nones() && ISNA(v)) return tree.none();
      if (kind.ints() && plan::is_whole(v)) {
        return tree.integer(static_cast<std::int64_t>(v));
      }
      return tree.real(v);
    }
    default:
      return text_of(context, string_elt(x, i));
  }
}

namespace {

// The element, or `before`, the item that was there, if it is the same.
Id element_after(Context& context, SEXP x, R_xlen_t i, Id before) {
  if (TYPEOF(x) == REALSXP && before != kNoId) {
    const Node old = context.tree[before];
    const double v = static_cast<const double*>(read_pointer(x))[i];
    if (old.tag == Tag::integer && static_cast<double>(old.integer) == v) return before;
    if (old.tag == Tag::none && ISNA(v)) return before;
  }
  return element(context, x, i, {});
}

}  // namespace

bool keep_sequence(Context& context, SEXP x, Id origin, Encoded& out) {
  const plan::Simple type = simple_type(x);
  if (Rf_xlength(x) == 0 || type == plan::Simple::no || view_of(x)) return false;
  if (type == plan::Simple::character && byte_positions(context, x) != kNoId)
    return false;
  pickle::Tree& tree = context.tree;
  std::vector<Id> before, items;
  for (Id item : tree.items(origin)) before.push_back(item);
  for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) {
    const auto at = static_cast<std::size_t>(i);
    items.push_back(
        element_after(context, x, i, at < before.size() ? before[at] : kNoId));
  }
  const Id node = tree.container(tree[origin].tag, items);
  if (plan::simplified(tree, node, has_bit64()) != type)
    return false;  // all NA, or ints where doubles were
  out = Encoded();
  out.value = node;
  return true;
}

void keep_kind(Context& context, Id origin, Encoded& list) {
  pickle::Tree& tree = context.tree;
  if (!is_sequence(tree, origin) || tree[origin].tag == Tag::list) return;
  const Tag tag = tree[origin].tag;
  std::vector<Id> items;
  for (Id item : tree.items(list.value)) {
    if (tag != Tag::tuple && !python::is_hashable(tree, item)) return;
    items.push_back(item);
  }
  list.value = tree.container(tag, items);
}

}  // namespace mmappickle::write
