// Dicts: their keys, and which value counts.
#include "../python/keys.h"
#include "planner.h"

namespace mmappickle::plan {

using pickle::Tag;

namespace {

bool is_text_tag(Tag tag) { return tag == Tag::text || tag == Tag::string; }

// Places of a dict's keys, which stand at the end of `keys`. Few are compared one by one;
// many are looked up, texts where they lie.
class Places {
 public:
  Places(const pickle::Tree& tree, const std::vector<Id>& keys)
      : tree_(tree), keys_(keys), first_(keys.size()) {}

  // Of an equal one; else the next.
  std::size_t of(Id key) {
    const std::size_t count = keys_.size() - first_;
    few_ = few_ && count < kFew && is_text_tag(tree_[key].tag) &&
           tree_[key].size < kLongText;
    if (!few_) return looked_up(key, count);
    const std::string_view text = tree_.text_of(key);
    for (std::size_t i = 0; i < count; ++i) {
      const Id other = keys_[first_ + i];
      if (other == key || tree_.text_of(other) == text) return i;
    }
    return count;
  }

 private:
  static constexpr std::size_t kFew = 16;

  std::size_t looked_up(Id key, std::size_t count) {
    for (; entered_ < count; ++entered_) enter(keys_[first_ + entered_], entered_);
    const std::size_t place = enter(key, count);
    if (place == count) ++entered_;
    return place;
  }
  std::size_t enter(Id key, std::size_t place) {
    if (is_text_tag(tree_[key].tag)) {
      return texts_.try_emplace(tree_.text_of(key), place).first->second;
    }
    std::string name = python::canonical_key(tree_, key);
    if (name.empty()) return place;  // equals itself at most
    return others_.try_emplace(std::move(name), place).first->second;
  }

  const pickle::Tree& tree_;
  const std::vector<Id>& keys_;
  const std::size_t first_;
  bool few_ = true;
  std::size_t entered_ = 0;  // keys that can be looked up
  std::unordered_map<std::string_view, std::size_t> texts_;
  std::unordered_map<std::string, std::size_t> others_;
};

}  // namespace

// Keys that repeat: the last value counts, at the first one's place, as in Python.
void Planner::add_pairs(Number number, Id items) {
  const bool named = plans_.plans[number].form == Form::named;
  if (named && items == known_keys_) {  // see has_last_keys()
    plans_.plans[number].keys = plans_.plans[last_named_].keys;
    bool is_key = true;
    for (Id id : tree_.items(items)) {
      tree_.poll();
      if (!is_key) children_.push_back({id, kNoId});
      is_key = !is_key;
    }
    return;
  }
  const std::size_t first = plans_.keys.size();
  values_.clear();
  Places places(tree_, plans_.keys);
  Id key = kNoId;
  for (Id id : tree_.items(items)) {
    if (key == kNoId) {
      key = id;
      continue;
    }
    tree_.poll();
    if (named) key = text_of_key(key);
    const std::size_t place = places.of(key);
    if (place == values_.size()) {
      plans_.keys.push_back(key);
      values_.push_back(id);
    } else {
      values_[place] = id;
    }
    key = kNoId;
  }
  plans_.plans[number].keys = static_cast<std::uint32_t>(first);
  if (!named) {
    for (std::size_t i = first; i < plans_.keys.size(); ++i) {
      children_.push_back({plans_.keys[i], kNoId});
    }
  }
  for (Id id : values_) children_.push_back({id, kNoId});
  const bool once = values_.size() * 2 == tree_[items].size;
  if (named && once && !values_.empty()) last_named_ = number;
}

}  // namespace mmappickle::plan
