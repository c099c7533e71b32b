// Decimals: integers of 4 to 32 bytes and a power of ten, as the nearest doubles.
#include "decimal.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "../pickle/integers.h"
#include "../pickle/literals.h"

namespace mmappickle::arrow {

namespace {

constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::int64_t kMaxPower = 22;  // the last that is exact

std::string significant(const std::string& number) {
  std::string digits;
  for (char c : number) {
    if (c == 'e') break;
    if (c >= '0' && c <= '9' && !(c == '0' && digits.empty())) digits += c;
  }
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

}  // namespace

double nearest_double(Bytes item, std::int64_t scale, bool& exact) {
  const Bytes bytes = pickle::minimal_twos_complement(item);
  if (bytes.size <= 8) {
    constexpr std::int64_t safe = 1000000000000000;  // 15 digits always come back
    const std::int64_t unscaled = pickle::load_twos_complement(bytes);
    if (unscaled > -safe && unscaled < safe && scale >= -kMaxPower &&
        scale <= kMaxPower) {
      const auto number = static_cast<double>(unscaled);
      return scale < 0 ? number * kPowers[-scale] : number / kPowers[scale];
    }
  }
  const std::string digits = pickle::twos_complement_to_decimal(bytes);
  const std::string literal = digits + "e" + std::to_string(-scale);
  double value = 0;
  exact = pickle::parse_real(Bytes(std::string_view(literal)), value);
  if (!exact) return digits[0] == '-' ? -HUGE_VAL : HUGE_VAL;  // larger than doubles are
  const std::string wanted = significant(digits);
  char text[128];
  std::snprintf(text, sizeof text, "%.*e",
                std::max(static_cast<int>(wanted.size()) - 1, 0), value);
  exact = significant(text) == wanted;
  return value;
}

}  // namespace mmappickle::arrow
