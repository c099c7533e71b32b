#include "new_datetime.h"

#include <cmath>
#include <string>

#include "../numpy/datetime.h"

namespace mmappickle::python {

using pickle::Id;
using pickle::Tag;
using pickle::Tree;

namespace {

constexpr double kSecondsPerDay = 86400;
constexpr double kFirstDay = -719162, kLastDay = 2932896;

struct Time {
  std::int64_t days, seconds, microseconds;
  Time(double total, double ahead) {
    double whole = std::floor(total);
    microseconds = static_cast<std::int64_t>(std::nearbyint((total - whole) * 1e6));
    if (microseconds == 1000000) {
      microseconds = 0;
      whole += 1;
    }
    whole += ahead;
    const double d = std::floor(whole / kSecondsPerDay);
    days = static_cast<std::int64_t>(d);
    seconds = static_cast<std::int64_t>(whole - d * kSecondsPerDay);
  }
};

Id call(Tree& tree, const char* name, const std::vector<Id>& arguments) {
  return tree.object(pickle::How::call, tree.global("datetime", name),
                     tree.container(Tag::tuple, arguments));
}

Id difference(Tree& tree, const Time& time) {
  return call(tree, "timedelta",
              {tree.integer(time.days), tree.integer(time.seconds),
               tree.integer(time.microseconds)});
}

void put(std::string& bytes, std::initializer_list<std::int64_t> values) {
  for (const std::int64_t value : values) bytes += static_cast<char>(value);
}

std::string date_bytes(std::int64_t days) {
  std::int64_t year;
  int month, day;
  numpy::civil_from_days(days, year, month, day);
  std::string bytes;
  put(bytes, {year / 256, year % 256, month, day});
  return bytes;
}

Id clock_bytes(Tree& tree, const Time& local) {
  std::string bytes = date_bytes(local.days);
  put(bytes, {local.seconds / 3600, local.seconds / 60 % 60, local.seconds % 60,
              local.microseconds >> 16, local.microseconds >> 8 & 0xff,
              local.microseconds & 0xff});
  return tree.bytes(tree.keep(bytes));
}

}  // namespace

bool is_date(double days) { return days >= kFirstDay && days < kLastDay + 1; }

Id new_date(Tree& tree, double days) {
  const std::string bytes = date_bytes(static_cast<std::int64_t>(std::floor(days)));
  return call(tree, "date", {tree.bytes(tree.keep(bytes))});
}

Id new_timedelta(Tree& tree, double seconds) {
  return difference(tree, Time(seconds, 0));
}

Id new_datetime(Tree& tree, double seconds, double offset) {
  const Id zone = call(tree, "timezone", {difference(tree, Time(offset, 0))});
  return call(tree, "datetime", {clock_bytes(tree, Time(seconds, offset)), zone});
}

Id new_naive_datetime(Tree& tree, double seconds) {
  return call(tree, "datetime", {clock_bytes(tree, Time(seconds, 0))});
}

}  // namespace mmappickle::python
