// Arrays of classes that are derived from NumPy's: what NumPy's own class would take of
// them.
#include "names.h"
#include "recognise.h"

namespace mmappickle::numpy {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

constexpr std::uint64_t kMaxState = 64;  // items: several objects may share one

bool is_tuple(const pickle::Tree& tree, Id id) {
  return tree[id].tag == Tag::tuple && tree[id].size <= kMaxState;
}

}  // namespace

// The array that `state` gives to an instance of NumPy's own class; kNoId if it is none.
Id Recogniser::array_of_state(const Call& call, Id state, bool masked) {
  const Id own = masked ? tree_.global("numpy.ma.core", "MaskedArray")
                        : tree_.global("numpy", "ndarray");
  std::vector<Id> args = {own, call[1], call[2]};
  if (masked) args = {own, tree_.global("numpy", "ndarray"), call[2], call[3]};
  const Id array =
      tree_.object(pickle::How::call, call.callable(), tree_.container(Tag::tuple, args));
  tree_.extra(array).state = state;
  const Found found = recognise(array).found;
  return found == Found::array || found == Found::records ? array : kNoId;
}

Derived Recogniser::derived(Id id) {
  const Call call(tree_, id);
  if (!call.is_positional()) return {};
  const Global maker = global_of(tree_, call.callable());
  const bool masked = maker == Global::masked_reconstruct;
  if (maker != Global::reconstruct && !masked) return {};
  if (call.count() != (masked ? 4 : 3) || tree_[call[0]].tag != Tag::global) return {};
  const Id state = call.state();
  if (state == kNoId || !is_tuple(tree_, state)) return {};
  // Longer than NumPy's own where a class adds to it, as NumPy's manual has it; or
  // NumPy's is one of its items.
  const std::uint64_t size = masked ? 7 : 5;
  std::vector<Id> items = items_of(tree_, state);
  Derived out;
  if (items.size() >= size && tree_[items[0]].tag == Tag::integer) {
    const std::vector<Id> first(items.begin(), items.begin() + static_cast<long>(size));
    const bool whole = items.size() == size;
    out.array =
        array_of_state(call, whole ? state : tree_.container(Tag::tuple, first), masked);
    items.erase(items.begin(), items.begin() + static_cast<long>(size));
  } else {
    for (auto item = items.begin(); item != items.end(); ++item) {
      if (!is_tuple(tree_, *item) || tree_[*item].size != size) continue;
      out.array = array_of_state(call, *item, masked);
      if (out.array == kNoId) continue;
      items.erase(item);
      break;
    }
  }
  if (out.array == kNoId) return {};
  if (items.size() == 1) out.rest = items[0];
  if (items.size() > 1) out.rest = tree_.container(Tag::tuple, items);
  return out;
}

}  // namespace mmappickle::numpy
