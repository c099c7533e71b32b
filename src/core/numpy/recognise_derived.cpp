// Arrays of classes that are derived from NumPy's: what NumPy's own class would take of
// them.
#include <algorithm>

#include "names.h"
#include "recognise.h"

namespace mmappickle::numpy {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

constexpr std::uint64_t kMaxState = 64;  // items: several objects may share one

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

// NumPy's own state may be all of an object's, or the start of it, to which a class adds,
// as NumPy's manual has it; or it is one of the items, and the first that looks like one
// is it.
Derived Recogniser::derived(Id id) {
  const Call call(tree_, id);
  if (!call.is_positional()) return {};
  const Global maker = global_of(tree_, call.callable());
  const bool masked = maker == Global::masked_reconstruct;
  if (maker != Global::reconstruct && !masked) return {};
  if (call.count() != (masked ? 4 : 3) || tree_[call[0]].tag != Tag::global) return {};
  // NumPy's own: what is made below is such, and nothing is derived from it.
  if (global_of(tree_, call[0]) != Global::other) return {};
  const Id state = call.state();
  if (state == kNoId || tree_[state].tag != Tag::tuple || tree_[state].size > kMaxState) {
    return {};
  }
  const std::uint64_t size = masked ? 7 : 5;
  const auto begins_one = [&](const std::vector<Id>& items) {
    return items.size() >= size && tree_[items[0]].tag == Tag::integer;
  };
  std::vector<Id> rest = items_of(tree_, state);
  Id own = kNoId;
  if (begins_one(rest)) {
    const auto end = rest.begin() + static_cast<std::ptrdiff_t>(size);
    own = rest.size() == size ? state : tree_.container(Tag::tuple, {rest.begin(), end});
    rest.erase(rest.begin(), end);
  } else {
    const auto found = std::find_if(rest.begin(), rest.end(), [&](Id item) {
      return tree_[item].tag == Tag::tuple && tree_[item].size == size &&
             begins_one(items_of(tree_, item));
    });
    if (found == rest.end()) return {};
    own = *found;
    rest.erase(found);
  }
  Derived out;
  out.array = array_of_state(call, own, masked);
  if (out.array == kNoId) return {};
  if (rest.size() == 1) out.rest = rest[0];
  if (rest.size() > 1) out.rest = tree_.container(Tag::tuple, rest);
  return out;
}

}  // namespace mmappickle::numpy
