#include "index.h"

#include "../base/error.h"

namespace mmappickle::store {

Index::Index() : table_(kSmallestTable) {}

void Index::clear() {
  entries_.clear();
  removed_.clear();
  keys_.clear();
  table_.assign(kSmallestTable, Cell{});
  live_ = 0;
  settled_ = 0;
}

// The cell of the key, or the empty one where it would stand.
std::size_t Index::cell_of(std::uint32_t hash, std::string_view key) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t i = hash & mask;
  while (table_[i].slot != kNone &&
         (table_[i].hash != hash || this->key(table_[i].slot) != key)) {
    i = (i + 1) & mask;
  }
  return i;
}

Index::Slot Index::find(std::string_view key) const {
  return table_[cell_of(hash_(Bytes(key)), key)].slot;
}

Entry Index::add(const Frame& frame, std::uint64_t padding, std::string_view key,
                 bool bare) {
  make_room();  // first, so that what throws leaves the index as it was
  append(frame, padding, key, bare);
  Entry older;
  settle([&older](const Entry& replaced) { older = replaced; });
  return older;
}

void Index::append(const Frame& frame, std::uint64_t padding, std::string_view key,
                   bool bare) {
  if (entries_.size() >= kNone - 1) {
    throw Error(ErrorKind::limit, "the file has more keys than this package can hold");
  }
  if (removed_.size() * kBlock == entries_.size()) removed_.push_back(0);
  const std::uint64_t key_at = keys_.size();
  keys_.append(key);
  entries_.emplace_back(frame, padding, key_at, bare);
}

Entry Index::enter(Slot slot, std::uint32_t hash) {
  Cell& cell = table_[cell_of(hash, key(slot))];
  Entry older;
  if (cell.slot != kNone) {
    older = entries_[cell.slot];
    bury(cell.slot);
  }
  ++live_;
  cell = Cell{hash, slot};
  return older;
}

void Index::bury(Slot slot) {
  entries_[slot].live = false;
  ++removed_[slot / kBlock];
  --live_;
}

void Index::remove(Slot slot) {
  const std::size_t mask = table_.size() - 1;
  std::size_t hole = cell_of(hash_(Bytes(key(slot))), key(slot));
  bury(slot);
  // Later cells of the run move up, as far as their hash lets them.
  for (std::size_t i = (hole + 1) & mask; table_[i].slot != kNone; i = (i + 1) & mask) {
    const std::size_t wanted = table_[i].hash & mask;
    if (((i - wanted) & mask) >= ((i - hole) & mask)) {
      table_[hole] = table_[i];
      hole = i;
    }
  }
  table_[hole] = Cell{};
}

std::vector<Index::Slot> Index::live() const {
  std::vector<Slot> slots;
  slots.reserve(live_);
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    if (entries_[slot].live) slots.push_back(slot);
  }
  return slots;
}

Index::Slot Index::nth(std::size_t n) const {
  if (n >= live_) return kNone;
  if (entries_.size() == live_) return static_cast<Slot>(n);
  std::size_t block = 0;  // before the last one all are full
  for (; n >= kBlock - removed_[block]; ++block) n -= kBlock - removed_[block];
  Slot slot = static_cast<Slot>(block * kBlock);
  while (!entries_[slot].live || n-- > 0) ++slot;
  return slot;
}

void Index::make_room() {
  const std::size_t wanted = (live_ + entries_.size() - settled_ + 1) * 2;
  if (wanted <= table_.size()) return;
  std::size_t size = table_.size() * 2;
  while (size < wanted) size *= 2;
  std::vector<Cell> larger(size);
  for (const Cell& cell : table_) {
    if (cell.slot == kNone) continue;
    std::size_t i = cell.hash & (size - 1);
    while (larger[i].slot != kNone) i = (i + 1) & (size - 1);
    larger[i] = cell;
  }
  table_.swap(larger);
}

void Index::compact() {
  std::vector<Slot> moved(entries_.size(), kNone);
  std::vector<Entry> entries;
  std::string keys;
  entries.reserve(live_ + 1);
  for (Slot slot = 0; slot < entries_.size(); ++slot) {
    if (!entries_[slot].live) continue;
    moved[slot] = static_cast<Slot>(entries.size());
    const std::uint64_t key_at = keys.size();
    keys.append(key(slot));
    entries.push_back(entries_[slot]);
    entries.back().key_at = key_at;
  }
  entries_.swap(entries);
  settled_ = static_cast<Slot>(entries_.size());
  removed_.assign((entries_.size() + kBlock - 1) / kBlock, 0);
  keys_.swap(keys);
  for (Cell& cell : table_) {
    if (cell.slot != kNone) cell.slot = moved[cell.slot];
  }
}

}  // namespace mmappickle::store
