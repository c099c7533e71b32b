#include <doctest/doctest.h>

#include <clocale>
#include <limits>

#include "base/number_text.h"

using namespace mmappickle;

TEST_CASE("numbers are shown alike in every locale") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const std::string old = std::setlocale(LC_NUMERIC, nullptr);
  for (const char* name : {"C", "de_DE.UTF-8", "de_DE.utf8"}) {
    if (std::setlocale(LC_NUMERIC, name) == nullptr) continue;
    CHECK(number_text(2.5, 15) == "2.5");
    CHECK(number_text(-1e300, 15) == "-1e+300");
    CHECK(number_text(1.23456789, 7) == "1.234568");
  }
  std::setlocale(LC_NUMERIC, old.c_str());
  CHECK(number_text(inf, 7) == "Inf");
  CHECK(number_text(-inf, 7) == "-Inf");
  CHECK(number_text(std::numeric_limits<double>::quiet_NaN(), 7) == "NaN");
}

TEST_CASE("digits in groups of three") {
  CHECK(with_commas(std::uint64_t{0}) == "0");
  CHECK(with_commas(std::uint64_t{999}) == "999");
  CHECK(with_commas(UINT64_MAX) == "18,446,744,073,709,551,615");
  CHECK(with_commas(-1234.0) == "-1,234");
  CHECK(with_commas(-123.0) == "-123");
  CHECK(with_commas(1e15) == "1,000,000,000,000,000");
}
