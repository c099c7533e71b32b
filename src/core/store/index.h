// Which entry holds a key: a hash table over the keys (seeded, so that no file can choose
// its collisions) and the entries in file order. Insert, look-up and removal are O(1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

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
  Entry() : key_at(0), padding(0), key_size(0), live(true), bare(false) {}
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
  void remove(Slot slot);
  Slot find(std::string_view key) const;
  std::size_t count() const { return live_; }  // keys
  const Entry& operator[](Slot slot) const { return entries_[slot]; }
  std::string_view key(Slot slot) const;
  // Slots of the live entries, in file order.
  std::vector<Slot> live() const;
  // The first live entry in file order from `slot` on, or kNone.
  Slot first_from(Slot slot) const;
  // The n-th live entry (from 0) in file order: O(1) as long as nothing was removed, else
  // a five-hundredth of a scan.
  Slot nth(std::size_t n) const;

 private:
  struct Cell {  // of the table: open addressing, linear probing, no tombstones
    std::uint32_t hash = 0;
    Slot slot = kNone;
  };
  std::size_t cell_of(std::uint32_t hash, std::string_view key) const;
  void grow();
  void compact();

  void bury(Slot slot);

  static constexpr std::size_t kBlock = 512;
  std::vector<Entry> entries_;  // live ones, and removed ones until the next compact()
  std::vector<std::uint16_t> removed_;  // of each kBlock entries
  std::string keys_;
  std::vector<Cell> table_;  // a power of two, at most half full
  std::size_t live_ = 0;
  SeededHash hash_;
};

}  // namespace mmappickle::store
