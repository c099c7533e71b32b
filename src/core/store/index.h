// Which entry holds a key: a hash table over the keys (seeded, so that no file can choose
// its collisions) and the entries in file order. Insert, look-up and removal are O(1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../base/prefetch.h"
#include "../base/seeded_hash.h"
#include "layout.h"

namespace mmappickle::store {

// Small, as there is one for each key: 24 bytes.
struct Entry {
  std::uint64_t at = 0, length = 0;  // as Frame
  std::uint64_t key_at : 40;         // in Index's own store of keys: 2^32 of 255 bytes
  std::uint64_t padding : 14;        // bytes of the padding entry directly before, or 0
  std::uint64_t key_size : 8;
  std::uint64_t live : 1;
  std::uint64_t bare : 1;  // see Walk::bare_heads
  Entry() : Entry(Frame{}, 0, 0, false) {}
  Entry(const Frame& frame, std::uint64_t padding, std::uint64_t key_at, bool bare)
      : at(frame.at),
        length(frame.length),
        key_at(key_at),
        padding(padding),
        key_size(frame.key_size),
        live(true),
        bare(bare) {}
  Frame frame() const {
    Frame frame;
    frame.at = at;
    frame.length = length;
    frame.key_size = static_cast<std::uint8_t>(key_size);
    frame.state = live ? kLive : kDead;
    return frame;
  }
};

class Index {
 public:
  // Good until the next add().
  using Slot = std::uint32_t;
  static constexpr Slot kNone = UINT32_MAX;

  Index();
  void clear();
  // Appends. Returns the entry that held the key before (the later one counts; the older
  // one is removed), or one of length 0. Error of kind limit past 2^32 - 2 keys.
  Entry add(const Frame& frame, std::uint64_t padding, std::string_view key,
            bool bare = false);
  // The same in two steps, for many: what is appended counts for nothing before settle(),
  // which calls replaced(older entry) for each key that had one.
  void append(const Frame& frame, std::uint64_t padding, std::string_view key, bool bare);
  template <class Replaced>
  void settle(Replaced replaced);
  void remove(Slot slot);
  Slot find(std::string_view key) const;
  std::size_t count() const { return live_; }  // keys
  const Entry& operator[](Slot slot) const { return entries_[slot]; }
  std::string_view key(Slot slot) const {
    const Entry& entry = entries_[slot];
    return std::string_view(keys_.data() + entry.key_at, entry.key_size);
  }
  std::size_t key_bytes() const { return keys_.size(); }  // of all keys, at most
  // Slots of the live entries, in file order.
  std::vector<Slot> live() const;
  // The first live entry in file order from `slot` on, or kNone.
  Slot first_from(Slot slot) const {
    while (slot < entries_.size() && !entries_[slot].live) ++slot;
    return slot < entries_.size() ? slot : kNone;
  }
  // The n-th live entry (from 0) in file order: O(1) as long as nothing was removed, else
  // a five-hundredth of a scan.
  Slot nth(std::size_t n) const;

 private:
  struct Cell {  // of the table: open addressing, linear probing, no tombstones
    std::uint32_t hash = 0;
    Slot slot = kNone;
  };
  std::size_t cell_of(std::uint32_t hash, std::string_view key) const;
  void make_room();  // in the table, for what is appended and one more
  Entry enter(Slot slot, std::uint32_t hash);
  void compact();

  void bury(Slot slot);

  static constexpr std::size_t kSmallestTable = 16;
  static constexpr std::size_t kBlock = 512;
  std::vector<Entry> entries_;  // live ones, and removed ones until the next compact()
  std::vector<std::uint16_t> removed_;  // of each kBlock entries
  std::string keys_;
  std::vector<Cell> table_;  // a power of two, at most half full
  std::size_t live_ = 0;
  Slot settled_ = 0;  // the first entry that is not in the table yet
  SeededHash hash_;
};

template <class Replaced>
void Index::settle(Replaced replaced) {
  make_room();
  // The cells lie all over the table: they are called for some keys ahead.
  constexpr Slot kAhead = 16;
  std::uint32_t hashes[kAhead];
  const Slot end = static_cast<Slot>(entries_.size());
  Slot ahead = settled_;
  for (; settled_ < end; ++settled_) {
    for (; ahead < end && ahead < settled_ + kAhead; ++ahead) {
      const std::uint32_t hash = hash_(Bytes(key(ahead)));
      hashes[ahead % kAhead] = hash;
      prefetch_to_write(&table_[hash & (table_.size() - 1)]);
    }
    const Entry older = enter(settled_, hashes[settled_ % kAhead]);
    if (older.length != 0) replaced(older);
  }
  // Not before half of the entries are removed ones, so that it is O(1) on the average.
  if (entries_.size() > 2 * live_ + kSmallestTable) compact();
}

}  // namespace mmappickle::store
