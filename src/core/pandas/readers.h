// What reads scalars, and what reads data frames and series. Private to this room.
#pragma once

#include "pandas.h"

namespace mmappickle::pandas {

// Timestamp, Timedelta, NaT: an object made by `called`.
bool read_scalar(pickle::Tree& tree, Id id, Global called, Object& value);

class FrameReader {
 public:
  explicit FrameReader(Recogniser& all) : all_(all), tree_(all.tree_) {}
  bool frame(Id id, Object& value);
  bool series(Id id, Object& value);

 private:
  // Axes (of a data frame: columns, rows; of a series: rows) and blocks.
  struct Manager {
    bool single = false;
    Id axes = kNoId;
    struct Block {
      Id values, placement;
    };
    std::vector<Block> blocks;
  };
  bool manager(Id id, Manager& manager);
  bool old_manager(Id state, Manager& manager);
  bool block(Id values, Id placement, Object& frame);
  bool placed(Id placement, std::uint64_t columns, std::vector<std::uint64_t>& places);
  void attributes(Id state, Object& value) const;
  Call call(Id id) const { return Call(tree_, id); }

  Recogniser& all_;
  pickle::Tree& tree_;
};

}  // namespace mmappickle::pandas
