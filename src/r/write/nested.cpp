#include "r/write/nested.h"

#include <cstring>
#include <map>

#include "core/numpy/portable.h"
#include "core/plan/simplify.h"
#include "core/python/keys.h"
#include "r/call.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/compare.h"
#include "r/view/entry_watch.h"
#include "r/write/text.h"

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
  const View* view = TYPEOF(x) == VECSXP ? nullptr : view_of(x);
  if (view && !shows_its_file(x, *view)) return false;
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
  const bool is_dict = origin != kNoId && context.tree[origin].tag == Tag::dict;
  if (!is_dict && !is_sequence(context.tree, origin)) return;
  std::size_t i = 0;
  bool is_key = is_dict;
  for (Id item : context.tree.items(origin)) {
    if (i == items.size()) break;
    if (!is_key) items[i++].origin = item;
    is_key = is_dict && !is_key;
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

void keep_kind(Context& context, Tag kind, Encoded& list) {
  if (kind == Tag::list) return;
  pickle::Tree& tree = context.tree;
  std::vector<Id> items;
  for (Id item : tree.items(list.value)) {
    if (kind != Tag::tuple && !python::is_hashable(tree, item)) return;
    items.push_back(item);
  }
  list.value = tree.container(kind, items);
}

}  // namespace mmappickle::write
