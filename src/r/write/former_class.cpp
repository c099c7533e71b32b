// Objects that are a list, dict or bytes but for their class, where they stood before a
// nested assignment.
#include "r/write/former.h"
#include "r/write/nested.h"

namespace mmappickle::write {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

// An empty tuple is one node wherever it is: as itself, and as what a deque was made
// from. Its place says which of them it is.
bool Former::is_unchanged(const Part& part, Encoded& out) {
  if (!write::is_unchanged(origin_, part.value, out)) return false;
  if (part.origin != kNoId && part.origin != out.value &&
      plain_of(part.origin) == plain_of(out.value)) {
    out.value = part.origin;
  }
  return true;
}

Id Former::plain_of(Id origin) {
  if (origin == kNoId || context_.tree[origin].tag != Tag::object) return origin;
  const python::Recognised known = python_.recognise(origin);
  return known.kind == python::Recognised::same ? known.node : origin;
}

void Former::keep_class(Id origin, Id plain, Plan& plan) {
  if (origin == kNoId) return;
  if (origin == plain && context_.tree[origin].tag != Tag::byte_array) return;
  plan.make = [this, origin, make = std::move(plan.make)](SEXP x,
                                                          std::vector<Encoded>& items) {
    Encoded out = make(x, items);
    make_again(origin, out);
    return out;
  };
}

void Former::make_again(Id origin, Encoded& out) {
  pickle::Tree& tree = context_.tree;
  const pickle::Node former = tree[origin];
  const Tag tag = tree[out.value].tag;
  if (tag == Tag::bytes && (former.tag == Tag::byte_array ||
                            tree.is_global(former.first, "builtins", "bytearray"))) {
    out.value = tree.byte_array(tree.bytes_of(out.value));
    return;
  }
  if (former.tag != Tag::object || !pickle::is_container(tag)) return;
  const python::Recognised was = python_.recognise(origin);
  if (was.container != Tag::none) {  // a set of protocols before 4
    keep_kind(context_, was.container, out);
    return;
  }
  const pickle::Extra* extra = tree.extra_of(origin);
  const Id put = extra == nullptr   ? kNoId
                 : tag == Tag::dict ? extra->dict_items
                 : tag == Tag::list ? extra->items
                                    : kNoId;
  // Counter({...}), deque((), 9): what it is made from; all others are filled.
  std::vector<Id> args;
  for (Id argument : tree.items(former.second)) args.push_back(argument);
  const bool is_argument = put == kNoId && !args.empty() && args[0] == was.node;
  if (put == kNoId && !is_argument) return;
  if (is_argument) args[0] = out.value;
  const Id again =
      tree.object(former.how, former.first,
                  is_argument ? tree.container(Tag::tuple, args) : former.second);
  if (!is_argument) {
    (tag == Tag::dict ? tree.extra(again).dict_items : tree.extra(again).items) =
        out.value;
  }
  const python::Recognised known = python_.recognise(again);
  if (known.kind == python::Recognised::same && known.node == out.value) {
    out.value = again;
  }
}

}  // namespace mmappickle::write
