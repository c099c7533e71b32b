// Dicts: their keys, and which value counts.
#include <optional>

#include "../base/seeded_hash.h"
#include "../python/keys.h"
#include "planner.h"

namespace mmappickle::plan {

using pickle::Tag;

namespace {

// Places of a dict's keys, which stand at the end of `keys`. Few are compared one by one;
// many are looked up, in a table that has room for all: where a dict is large, nothing
// takes longer than one key.
class Places {
 public:
  Places(const pickle::Tree& tree, const std::vector<Id>& keys, std::size_t most)
      : tree_(tree), keys_(keys), first_(keys.size()), most_(most) {}

  // Of an equal one; else the next.
  std::size_t of(Id key) {
    const std::size_t count = keys_.size() - first_;
    if (!table_ && count < kFew && is_short_text(key)) {
      const std::string_view text = tree_.text_of(key);
      for (std::size_t i = 0; i < count; ++i) {
        const Id other = keys_[first_ + i];
        if (other == key || tree_.text_of(other) == text) return i;
      }
      return count;
    }
    if (!table_) {
      table_.emplace(most_);
      for (std::size_t i = 0; i < count; ++i) enter(keys_[first_ + i], i);
    }
    return enter(key, count);
  }

 private:
  static constexpr std::size_t kFew = 16;
  // Open addressing, linear probing.
  struct Table {
    struct Cell {
      std::uint32_t hash = 0, place = UINT32_MAX;
    };
    // At most half full.
    explicit Table(std::size_t most) {
      std::size_t size = 2 * kFew;
      while (size < 2 * most) size *= 2;
      cells.resize(size);
    }
    SeededHash hash;
    std::vector<Cell> cells;
  };

  bool is_short_text(Id key) const {
    return pickle::is_text_tag(tree_[key].tag) && tree_[key].size < kLongText;
  }

  std::size_t enter(Id key, std::size_t place) {
    const bool text = pickle::is_text_tag(tree_[key].tag);
    const std::string name = text ? "" : python::canonical_key(tree_, key);
    if (!text && name.empty()) return place;  // equals itself at most
    const std::string_view bytes = text ? tree_.text_of(key) : std::string_view(name);
    // (a text and another key of the same bytes part in equals())
    const std::uint32_t hash = table_->hash(Bytes(bytes));
    const std::size_t mask = table_->cells.size() - 1;
    std::size_t i = hash & mask;
    for (; table_->cells[i].place != UINT32_MAX; i = (i + 1) & mask) {
      const Table::Cell& cell = table_->cells[i];
      if (cell.hash == hash && equals(keys_[first_ + cell.place], text, bytes)) {
        return cell.place;
      }
    }
    table_->cells[i] = {hash, static_cast<std::uint32_t>(place)};
    return place;
  }

  bool equals(Id other, bool text, std::string_view bytes) const {
    if (pickle::is_text_tag(tree_[other].tag) != text) return false;
    return text ? tree_.text_of(other) == bytes
                : python::canonical_key(tree_, other) == bytes;
  }

  const pickle::Tree& tree_;
  const std::vector<Id>& keys_;
  const std::size_t first_, most_;
  std::optional<Table> table_;
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
      if (!is_key) children_.emplace_back(id);
      is_key = !is_key;
    }
    return;
  }
  const std::size_t first = plans_.keys.size();
  values_.clear();
  Places places(tree_, plans_.keys, tree_[items].size / 2);
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
      children_.emplace_back(plans_.keys[i]);
    }
  }
  for (Id id : values_) children_.emplace_back(id);
  const bool once = values_.size() * 2 == tree_[items].size;
  if (named && once && !values_.empty()) last_named_ = number;
}

}  // namespace mmappickle::plan
