// What an object is, and what it may cost.
#include <algorithm>
#include <iterator>

#include "../base/utf8.h"
#include "readers.h"

namespace mmappickle::pandas {

using pickle::Node;
using pickle::Tag;

namespace {

// What pandas' own classes have in their state.
constexpr const char* kOwnMembers[] = {"_mgr",     "_data",  "_typ",   "_metadata",
                                       "attrs",    "_attrs", "_flags", "_item_cache",
                                       "_is_copy", "_name",  "name"};

}  // namespace

const Object* Recogniser::recognise(Id id) {
  const Object* value = part(id);
  if (!value || tree_[id].tag == Tag::array) return value;
  // R writes sequences by other steps than one out.
  const bool long_range = value->kind == Type::range && value->step != 1;
  return long_range && !charge(value->count) ? nullptr : value;
}

const Object* Recogniser::part(Id id) {
  if (id == kNoId) return nullptr;
  const Node& node = tree_[id];
  if (node.tag == Tag::array) {
    const auto i = static_cast<std::size_t>(node.integer);
    return i < values_.size() ? &values_[i] : nullptr;
  }
  if (node.tag != Tag::object && node.tag != Tag::global) return nullptr;
  const auto found = known_.find(id);
  if (found != known_.end()) {
    return found->second == kNone ? nullptr : &values_[found->second];
  }
  if (depth_ == kMaxDepth) return nullptr;
  known_[id] = kNone;  // what holds itself is nothing
  ++depth_;
  Object value;
  const bool is_one = read(id, value);
  --depth_;
  if (!is_one) return nullptr;
  known_[id] = values_.size();
  values_.emplace_back(std::move(value));
  return &values_.back();
}

bool Recogniser::read(Id id, Object& value) {
  if (tree_[id].tag == Tag::global) {
    value.kind = Type::missing;
    return global_of(tree_, id) == Global::missing;
  }
  const Global called = global_of(tree_, tree_[id].first);
  if (read_scalar(tree_, id, called, value)) return true;
  switch (called) {
    case Global::new_index:
    case Global::new_datetime_index:
    case Global::new_interval_index:
      return index(id, value);
    default:
      break;
  }
  if (this->called(id, value)) return true;
  switch (global_of(tree_, call(id).instance_of())) {
    case Global::data_frame:
      return FrameReader(*this).frame(id, value);
    case Global::series:
      return FrameReader(*this).series(id, value);
    default:
      break;
  }
  if (arrow(id, value)) return true;
  // Arrays of NumPy's own are nothing of pandas'.
  numpy::Array plain;
  if (array_of(id, plain)) return false;
  return array(id, value) && normalize(value);
}

// The state says which of the two it is, and beside what is pandas' has what the class
// adds.
numpy::Derived Recogniser::derived(Id id) {
  const Call made = call(id);
  const Id state = made.state();
  const Id type = member(tree_, state, "_typ");
  if (type == kNoId || made.instance_of() == kNoId ||
      global_of(tree_, made.instance_of()) != Global::other) {
    return {};
  }
  const bool is_frame = tree_.is_text(type, "dataframe");
  if (!is_frame && !tree_.is_text(type, "series")) return {};
  const Id own = tree_.object(pickle::How::new_object,
                              tree_.global("pandas", is_frame ? "DataFrame" : "Series"),
                              tree_.container(Tag::tuple, {}));
  tree_.extra(own).state = state;
  if (!part(own)) return {};
  numpy::Derived out;
  out.array = own;
  std::vector<Id> rest;
  const std::vector<Id> members = pickle::items_of(tree_, state);
  for (std::size_t i = 0; i + 1 < members.size(); i += 2) {
    const auto is_key = [&](const char* key) { return tree_.is_text(members[i], key); };
    if (std::none_of(std::begin(kOwnMembers), std::end(kOwnMembers), is_key)) {
      rest.insert(rest.end(), {members[i], members[i + 1]});
    }
  }
  if (!rest.empty()) out.rest = tree_.container(Tag::dict, rest);
  return out;
}

Id Recogniser::add(Object&& value) {
  values_.emplace_back(std::move(value));
  return tree_.array(values_.size() - 1);
}

// Cells that all say the same: a number of them costs the file nothing.
bool Recogniser::charge_cells(std::uint64_t count) {
  if (charge(count)) return true;
  if (count > cells_left_) return false;
  cells_left_ -= count;
  return true;
}

// -- items of arrays of objects ------------------------------------------------------

bool Recogniser::is_missing(Id id) const {
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::none:
      return true;
    case Tag::real:
      return node.real != node.real;
    case Tag::global:
      return global_of(tree_, id) == Global::missing;
    case Tag::object:
      return global_of(tree_, node.first) == Global::unpickle_nat;
    default:
      return false;
  }
}

bool Recogniser::is_text(Id id) {
  const Node& node = tree_[id];
  if (node.tag != Tag::text && node.tag != Tag::string) return false;
  const auto check = [&] {
    const TextKind kind = classify_text(tree_.bytes_of(id));
    return kind == TextKind::ascii || (kind == TextKind::utf8 && node.tag == Tag::text);
  };
  if (node.size < 64) return check();
  const auto found = long_texts_.find(id);  // however many refer to it
  return found != long_texts_.end() ? found->second : (long_texts_[id] = check());
}

}  // namespace mmappickle::pandas
