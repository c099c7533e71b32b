#include <doctest/doctest.h>

#include <cmath>

#include "numpy/datetime.h"
#include "numpy/items.h"
#include "numpy/time_values.h"

using namespace mmappickle::numpy;

namespace {

RValues values_of(const std::vector<double>& numbers, Meaning meaning, double units = 1) {
  RValues values;
  values.type = RType::real;
  values.count = numbers.size();
  values.data = numbers.data();
  values.meaning = meaning;
  values.seconds_per_unit = units;
  return values;
}

bool exact(double number, Meaning meaning, double units = 1) {
  const std::vector<double> numbers{number};
  return are_exact(values_of(numbers, meaning, units));
}

bool has_tick(double number, Meaning meaning, double units = 1) {
  const std::vector<double> numbers{0, number};
  return have_ticks(values_of(numbers, meaning, units));
}

}  // namespace

TEST_CASE("time values: integers are numbers, and their NA is NA") {
  const std::vector<std::int32_t> days{5, kNaInteger};
  RValues values;
  values.type = RType::integer;
  values.count = 2;
  values.data = days.data();
  values.meaning = Meaning::date;
  CHECK(number_at(values, 0) == 5);
  CHECK(same_bits(number_at(values, 1), na_real()));
  CHECK(have_ticks(values));
  CHECK(are_exact(values));
}

TEST_CASE("time values: what a dtype has no tick for") {
  CHECK(has_tick(1e15, Meaning::date));
  CHECK_FALSE(has_tick(1e300, Meaning::date));
  CHECK_FALSE(has_tick(INFINITY, Meaning::date));
  CHECK(has_tick(9.2e9, Meaning::datetime));
  CHECK_FALSE(has_tick(9.3e9, Meaning::datetime));  // 2^63 ns
  CHECK(has_tick(-9.2e9, Meaning::difftime));
  CHECK(has_tick(1e5, Meaning::difftime, 86400));
  CHECK_FALSE(has_tick(1e6, Meaning::difftime, 86400));
  CHECK(has_tick(NAN, Meaning::datetime));
  CHECK(has_tick(na_real(), Meaning::datetime));
}

TEST_CASE("time values: what comes back with all its bits") {
  CHECK(exact(19782, Meaning::date));
  CHECK_FALSE(exact(19782.5, Meaning::date));
  CHECK_FALSE(exact(-0.0, Meaning::date));
  CHECK(exact(1709164800.25, Meaning::datetime));
  CHECK_FALSE(exact(0.1 + 1e-12, Meaning::datetime));
  CHECK(exact(1.5, Meaning::difftime, 3600));
  CHECK_FALSE(exact(1.0 / 3, Meaning::difftime, 1));
  CHECK(exact(na_real(), Meaning::datetime));
  CHECK_FALSE(exact(NAN, Meaning::datetime));
}

TEST_CASE("time values: the days on which dates fall") {
  const std::vector<double> numbers{1.5, -0.5, 3, na_real()};
  const std::vector<double> days = whole_days(values_of(numbers, Meaning::date));
  CHECK(days[0] == 1);
  CHECK(days[1] == -1);
  CHECK(days[2] == 3);
  CHECK(std::isnan(days[3]));
}
