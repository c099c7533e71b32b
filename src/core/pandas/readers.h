// What reads scalars, periods, data frames and series. Private to this room.
#pragma once

#include <string>

#include "pandas.h"

namespace mmappickle::pandas {

// Timestamp, Timedelta, Period, NaT: an object made by `called`.
bool read_scalar(pickle::Tree& tree, Id id, Global called, Object& value);

// How Periods count: a number of such spans since 1970.
struct Frequency {
  enum Span : std::uint8_t {
    year,
    quarter,
    month,
    week,
    business_day,
    day,
    hour,
    minute,
    second,
    milli,
    micro,
    nano
  };
  Span span = day;
  std::int64_t week_end = 0;  // week: the day on which it ends, 0: Sunday
  bool of_days() const { return span == day || span == business_day; }
};

// From an offset ("QuarterEnd(1, startingMonth=12)"), or a dtype's text
// ("period[Q-DEC]").
bool read_frequency(const pickle::Tree& tree, Id id, Frequency& frequency);
// Days since 1970 of a period of_days(); else the text that pandas shows: "2020Q1".
std::int64_t day_of(const Frequency& frequency, std::int64_t ordinal);
std::string text_of(const Frequency& frequency, std::int64_t ordinal);

// An array of Periods. Days are dates; of other spans the texts.
bool read_periods(const Sources& from, Id dtype, Id data, Object& value);

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
  bool count_placed(const Manager& manager, std::uint64_t& n);
  bool block(Id values, Id placement, Object& frame);
  bool foreign_block(Id values, Id placement, Object& frame);
  bool complete(Object& frame);
  bool placed(Id placement, std::uint64_t columns, std::vector<std::uint64_t>& places);
  void attributes(Id state, Object& value) const;
  Call call(Id id) const { return Call(tree_, id); }

  Recogniser& all_;
  pickle::Tree& tree_;
};

}  // namespace mmappickle::pandas
