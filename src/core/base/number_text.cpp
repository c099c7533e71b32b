#include "number_text.h"

#include <cmath>
#include <cstdio>

namespace mmappickle {

namespace {

std::string grouped(std::string digits) {
  const std::size_t sign = digits[0] == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) digits.insert(at -= 3, ",");
  return digits;
}

// "" for a number.
std::string not_finite(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "Inf";
  return {};
}

}  // namespace

std::string number_text(double number, int digits) {
  std::string text = not_finite(number);
  if (!text.empty()) return text;
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.*g", digits, number);
  for (char* at = buffer; *at; ++at) {
    if (*at == ',') *at = '.';  // LC_NUMERIC's
  }
  return buffer;
}

std::string with_commas(std::uint64_t number) { return grouped(std::to_string(number)); }

std::string with_commas(double number) {
  const std::string text = not_finite(number);
  if (!text.empty()) return text;
  char digits[400];
  std::snprintf(digits, sizeof digits, "%.0f", number);
  return grouped(digits);
}

}  // namespace mmappickle
