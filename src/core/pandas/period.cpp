// Periods: spans of time, counted since 1970 in a frequency.
#include <cstdio>
#include <cstring>
#include <map>

#include "../numpy/datetime.h"
#include "../numpy/kernels.h"
#include "readers.h"

namespace mmappickle::pandas {

using numpy::Array;
using pickle::Tag;

namespace {

struct Named {
  std::string_view name;
  Frequency::Span span;
};
// Offsets by their class.
constexpr Named kOffsets[] = {
    {"YearEnd", Frequency::year},
    {"QuarterEnd", Frequency::quarter},
    {"MonthEnd", Frequency::month},
    {"Week", Frequency::week},
    {"BusinessDay", Frequency::business_day},
    {"Day", Frequency::day},
    {"Hour", Frequency::hour},
    {"Minute", Frequency::minute},
    {"Second", Frequency::second},
    {"Milli", Frequency::milli},
    {"Micro", Frequency::micro},
    {"Nano", Frequency::nano},
};
// The same in texts, as pandas 1 and 2 spell them; "A-DEC" is a year that ends in
// December.
constexpr Named kTexts[] = {
    {"A", Frequency::year},   {"Y", Frequency::year},     {"Q", Frequency::quarter},
    {"M", Frequency::month},  {"W", Frequency::week},     {"B", Frequency::business_day},
    {"D", Frequency::day},    {"H", Frequency::hour},     {"h", Frequency::hour},
    {"T", Frequency::minute}, {"min", Frequency::minute}, {"S", Frequency::second},
    {"s", Frequency::second}, {"L", Frequency::milli},    {"ms", Frequency::milli},
    {"U", Frequency::micro},  {"us", Frequency::micro},   {"N", Frequency::nano},
    {"ns", Frequency::nano},
};
constexpr std::string_view kDays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

template <std::size_t kRows>
bool span_named(const Named (&rows)[kRows], std::string_view name, Frequency& frequency) {
  for (const Named& row : rows) {
    if (row.name != name) continue;
    frequency.span = row.span;
    return true;
  }
  return false;
}

// "period[2Q-DEC]". How many spans a period takes does not change where it starts, which
// is what it is called by.
bool read_text(std::string_view text, Frequency& frequency) {
  constexpr std::string_view before = "period[";
  if (text.size() <= before.size() || text.substr(0, before.size()) != before ||
      text.back() != ']') {
    return false;
  }
  text = text.substr(before.size(), text.size() - before.size() - 1);
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') text.remove_prefix(1);
  const std::size_t dash = text.find('-');
  if (!span_named(kTexts, text.substr(0, dash), frequency)) return false;
  if (frequency.span != Frequency::week || dash == std::string_view::npos) return true;
  for (std::size_t day = 0; day < 7; ++day) {
    if (text.substr(dash + 1) != kDays[day]) continue;
    frequency.week_end = static_cast<std::int64_t>(day);
    return true;
  }
  return false;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
  char text[64];
  std::snprintf(text, sizeof text, format, static_cast<long long>(numbers)...);
  return text;
}

std::string date_text(std::int64_t days) {
  std::int64_t year = 0;
  int month = 0, day = 0;
  numpy::civil_from_days(days, year, month, day);
  return formatted("%04lld-%02lld-%02lld", year, month, day);
}

// A day and the time in it: as many seconds, and fractions of them, as `span` tells.
std::string time_text(Frequency::Span span, std::int64_t ordinal) {
  constexpr std::int64_t per_day[] = {24,       1440,        86400,
                                      86400000, 86400000000, 86400000000000};
  const int at = span - Frequency::hour;
  const std::int64_t days = floor_divide(ordinal, per_day[at]);
  std::int64_t rest = ordinal % per_day[at];
  if (rest < 0) rest += per_day[at];
  std::string fraction;
  if (span > Frequency::second) {
    const int digits = 3 * (span - Frequency::second);
    const std::int64_t per_second = per_day[at] / 86400;
    fraction = std::to_string(rest % per_second);
    fraction = "." +
               std::string(static_cast<std::size_t>(digits) - fraction.size(), '0') +
               fraction;
    rest /= per_second;
  }
  if (span == Frequency::hour) rest *= 60;
  const bool seconds = span >= Frequency::second;
  const std::int64_t minutes = seconds ? rest / 60 : rest;
  return date_text(days) + formatted(" %02lld:%02lld", minutes / 60, minutes % 60) +
         (seconds ? formatted(":%02lld", rest % 60) : "") + fraction;
}

// Where days can be counted without overflow.
bool is_near(std::int64_t ordinal, Frequency::Span span) {
  constexpr std::int64_t far = std::int64_t{1} << 40;
  return span >= Frequency::hour || (ordinal > -far && ordinal < far);
}

}  // namespace

bool read_frequency(const pickle::Tree& tree, Id id, Frequency& frequency) {
  if (id == kNoId) return false;
  if (tree[id].tag == Tag::text) return read_text(tree.text_of(id), frequency);
  const Call offset(tree, id);
  if (offset.callable() == kNoId || tree[offset.callable()].tag != Tag::global ||
      !offset.untouched()) {
    return false;
  }
  const pickle::Node& global = tree[offset.callable()];
  if (tree.text_of(global.first) != "pandas._libs.tslibs.offsets" ||
      !span_named(kOffsets, tree.text_of(global.second), frequency)) {
    return false;
  }
  if (frequency.span != Frequency::week) return true;
  std::int64_t weekday = 6;  // Python's: 0 is Monday
  if (offset.tag(2) != Tag::none && !offset.integer(2, weekday)) return false;
  frequency.week_end = (weekday + 1) % 7;
  return weekday >= 0 && weekday < 7;
}

std::int64_t day_of(const Frequency& frequency, std::int64_t ordinal) {
  if (frequency.span == Frequency::day || !is_near(ordinal, frequency.span)) {
    return ordinal;
  }
  const std::int64_t week = floor_divide(ordinal + 3, 5);  // 1970-01-01 was a Thursday
  return week * 7 + (ordinal + 3 - week * 5) - 3;
}

std::string text_of(const Frequency& frequency, std::int64_t ordinal) {
  if (!is_near(ordinal, frequency.span)) return std::to_string(ordinal);
  switch (frequency.span) {
    case Frequency::year:
      return formatted("%lld", 1970 + ordinal);
    case Frequency::quarter: {
      const std::int64_t years = floor_divide(ordinal, 4);
      return formatted("%lldQ%lld", 1970 + years, ordinal - 4 * years + 1);
    }
    case Frequency::month: {
      const std::int64_t years = floor_divide(ordinal, 12);
      return formatted("%04lld-%02lld", 1970 + years, ordinal - 12 * years + 1);
    }
    case Frequency::week: {
      const std::int64_t end = ordinal * 7 + frequency.week_end - 4;
      return date_text(end - 6) + "/" + date_text(end);
    }
    case Frequency::business_day:
    case Frequency::day:
      return date_text(day_of(frequency, ordinal));
    default:
      return time_text(frequency.span, ordinal);
  }
}

namespace {

// Of rank 1 or 2, in C order.
std::vector<std::int64_t> integers_of(const Array& array) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(array.count()));
  if (values.empty()) return values;
  const bool rows = array.shape.size() == 2;
  const std::uint64_t n = rows ? array.shape[0] : 1, size = array.shape.back();
  const numpy::Decode decode = numpy::decoder(array.dtype, numpy::RType::integer64);
  bool inexact = false;
  for (std::uint64_t i = 0; i < n; ++i) {
    decode(array.dtype,
           array.data + (rows ? static_cast<std::int64_t>(i) * array.strides[0] : 0),
           array.strides.back(), size, values.data() + i * size, &inexact);
  }
  return values;
}

// For the elements of an array of shape `shape`, in C order, each of `size`.
Array array_like(const numpy::Shape& shape, numpy::Kind kind, std::int64_t size) {
  Array array;
  array.dtype.kind = kind;
  array.shape = shape;
  array.strides = {size};
  if (shape.size() == 2) {
    array.strides = {static_cast<std::int64_t>(shape[1]) * size, size};
  }
  return array;
}

// Where they are kept, in the tree.
Array days_of(pickle::Tree& tree, const Frequency& frequency, const Array& ordinals) {
  std::vector<std::int64_t> days = integers_of(ordinals);
  for (std::int64_t& day : days) {
    if (day != numpy::kNaT) day = day_of(frequency, day);
  }
  Array array = array_like(ordinals.shape, numpy::Kind::datetime, 8);
  array.dtype.unit = numpy::Unit::D;
  array.dtype.big_endian = numpy::kHostIsBigEndian;
  std::string bytes(days.size() * 8, '\0');
  if (!days.empty()) std::memcpy(&bytes[0], days.data(), bytes.size());
  array.data = tree.keep(std::move(bytes)).data;
  return array;
}

// Each made once.
Array texts_of(pickle::Tree& tree, const Frequency& frequency, const Array& ordinals) {
  std::map<std::int64_t, Id> texts;  // no hash whose collisions a file could choose
  std::vector<Id> items;
  for (const std::int64_t ordinal : integers_of(ordinals)) {
    Id& text = texts.emplace(ordinal, kNoId).first->second;
    if (text == kNoId) {
      text = ordinal == numpy::kNaT ? tree.none()
                                    : tree.text(tree.keep(text_of(frequency, ordinal)));
    }
    items.push_back(text);
  }
  Array array = array_like(ordinals.shape, numpy::Kind::object, 1);
  array.objects = tree.container(Tag::list, items);
  return array;
}

}  // namespace

// Several columns of one frequency are one block, of rank 2, in pandas before 2.
bool read_periods(const Sources& from, Id dtype, Id data, Object& value) {
  pickle::Tree& tree = from.tree;
  const Call made(tree, dtype);
  Frequency frequency;
  if (global_of(tree, made.callable()) != Global::period_dtype || made.count() != 1 ||
      !read_frequency(tree, made[0], frequency) || !from.array_of(data, value.array)) {
    return false;
  }
  Array& array = value.array;
  const std::size_t rank = array.shape.size();
  if ((rank != 1 && rank != 2) || array.dtype.kind != numpy::Kind::integer ||
      array.dtype.itemsize != 8) {
    return false;
  }
  value.kind = Type::vector;
  if (frequency.span == Frequency::day) {
    array.dtype.kind = numpy::Kind::datetime;  // NaT is the same number, too
    array.dtype.unit = numpy::Unit::D;
    return true;
  }
  if (!from.budget.charge(array.count())) return false;
  array = frequency.span == Frequency::business_day ? days_of(tree, frequency, array)
                                                    : texts_of(tree, frequency, array);
  value.always_text = value.spans = frequency.span != Frequency::business_day;
  return true;
}

}  // namespace mmappickle::pandas
