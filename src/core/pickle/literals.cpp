#include "literals.h"

#include <clocale>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "../base/utf8.h"
#include "reader.h"

namespace mmappickle::pickle {

namespace {

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

Bytes trim(Bytes s) {
  while (s.size != 0 && is_space(s[0])) s = s.from(1);
  while (s.size != 0 && is_space(s[s.size - 1])) --s.size;
  return s;
}

// -1 if it is no digit of the base.
int digit_value(std::uint8_t c, int base) {
  int value = -1;
  if (is_digit(c)) value = c - '0';
  if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
  return value < base ? value : -1;
}

// Digits without sign that must fit 64 bits with it.
bool parse_digits(Bytes digits, int base, bool negative, std::int64_t& value) {
  const std::uint64_t limit = std::uint64_t{INT64_MAX} + (negative ? 1 : 0);
  const auto base_u = static_cast<std::uint64_t>(base);
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < digits.size; ++i) {
    const int d = digit_value(digits[i], base);
    if (d < 0) return false;
    const auto digit = static_cast<std::uint64_t>(d);
    if (sum > (limit - digit) / base_u) return false;
    sum = sum * base_u + digit;
  }
  // In unsigned arithmetic: -2^63 has no positive counterpart.
  value = static_cast<std::int64_t>(negative ? 0 - sum : sum);
  return digits.size != 0;
}

bool split_sign(Bytes& s) {
  const bool negative = s.size != 0 && s[0] == '-';
  if (negative || (s.size != 0 && s[0] == '+')) s = s.from(1);
  return negative;
}

bool parse_literal(Bytes line, bool octal, IntegerLiteral& literal) {
  const Bytes whole = trim(line);
  Bytes digits = whole;
  const bool negative = split_sign(digits);
  literal.fits = true;
  if (digits.size > 2 && digits[0] == '0') {
    const std::uint8_t prefix = digits[1] | 0x20;  // lower case
    const int base = prefix == 'x' ? 16 : prefix == 'o' ? 8 : prefix == 'b' ? 2 : 0;
    if (base != 0) return parse_digits(digits.from(2), base, negative, literal.value);
  }
  if (digits.size > 1 && digits[0] == '0') {
    // Zeros alone are 0 to everybody.
    const int base = octal ? 8 : 1;
    return parse_digits(digits.from(1), base, negative, literal.value);
  }
  if (parse_digits(digits, 10, negative, literal.value)) return true;
  literal.fits = false;
  for (std::uint64_t i = 0; i < digits.size; ++i) {
    if (!is_digit(digits[i])) return false;
  }
  literal.digits = negative ? whole : digits;
  return digits.size != 0;
}

bool equals_ignoring_case(Bytes s, const char* lower) {
  std::uint64_t i = 0;
  for (; i < s.size && lower[i] != '\0'; ++i) {
    const std::uint8_t c = s[i] >= 'A' && s[i] <= 'Z' ? s[i] + ('a' - 'A') : s[i];
    if (c != static_cast<std::uint8_t>(lower[i])) return false;
  }
  return i == s.size && lower[i] == '\0';
}

// The nearest double, as strtod() finds it, for which the point is what LC_NUMERIC says.
// False if that does not take all of the text.
bool nearest_double(Bytes s, double& value) {
  std::string text(s.text());
  const std::size_t point = text.find('.');
  if (point != text.npos) text.replace(point, 1, std::localeconv()->decimal_point);
  char* end = nullptr;
  value = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

// digits [. digits] [e [sign] digits], with a digit before or behind the point.
bool is_decimal_real(Bytes s) {
  std::uint64_t i = 0;
  const auto skip_digits = [&] {
    const std::uint64_t from = i;
    while (i < s.size && is_digit(s[i])) ++i;
    return i - from;
  };
  std::uint64_t mantissa = skip_digits();
  if (i < s.size && s[i] == '.') {
    ++i;
    mantissa += skip_digits();
  }
  if (mantissa == 0) return false;
  if (i < s.size && (s[i] == 'e' || s[i] == 'E')) {
    ++i;
    if (i < s.size && (s[i] == '+' || s[i] == '-')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == s.size;
}

// `count` digits from `i` on, which is moved past them.
bool parse_hex(Bytes s, std::uint64_t& i, int count, std::uint32_t& value) {
  value = 0;
  for (; count > 0; --count, ++i) {
    const int d = i < s.size ? digit_value(s[i], 16) : -1;
    if (d < 0) return false;
    value = value << 4 | static_cast<std::uint32_t>(d);
  }
  return true;
}

}  // namespace

bool parse_decimal(Bytes digits, std::int64_t& value) {
  const bool negative = split_sign(digits);
  return parse_digits(digits, 10, negative, value);
}

bool parse_int(Bytes line, IntegerLiteral& literal) {
  return parse_literal(line, true, literal);
}

bool parse_long(Bytes line, IntegerLiteral& literal) {
  if (line.size != 0 && line[line.size - 1] == 'L') --line.size;
  return parse_literal(line, false, literal);
}

bool parse_real(Bytes line, double& value) {
  Bytes s = line;
  const bool negative = split_sign(s);
  if (equals_ignoring_case(s, "inf") || equals_ignoring_case(s, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else if (equals_ignoring_case(s, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    if (!is_decimal_real(s) || !nearest_double(s, value)) return false;
    if (std::isinf(value)) return false;
  }
  if (negative) value = -value;
  return true;
}

bool unescape_string(Bytes escaped, std::string& bytes) {
  static const char kNames[] = "\\'\"bfnrtva";
  static const char kValues[] = "\\'\"\b\f\n\r\t\v\a";
  for (std::uint64_t i = 0; i < escaped.size;) {
    std::uint8_t c = escaped[i++];
    if (c != '\\') {
      bytes += static_cast<char>(c);
      continue;
    }
    if (i == escaped.size) return false;
    c = escaped[i++];
    const char* name = c == '\0' ? nullptr : std::strchr(kNames, c);
    if (name != nullptr) {
      bytes += kValues[name - kNames];
    } else if (digit_value(c, 8) >= 0) {
      int value = digit_value(c, 8);
      for (int n = 0; n < 2 && i < escaped.size && digit_value(escaped[i], 8) >= 0; ++n) {
        value = value * 8 + digit_value(escaped[i++], 8);
      }
      bytes += static_cast<char>(value & 0xff);
    } else if (c == 'x') {
      std::uint32_t value;
      if (!parse_hex(escaped, i, 2, value)) return false;
      bytes += static_cast<char>(value);
    } else if (c != '\n') {
      bytes += '\\';
      bytes += static_cast<char>(c);
    }
  }
  return true;
}

bool unescape_text(Bytes escaped, std::string& utf8) {
  for (std::uint64_t i = 0; i < escaped.size;) {
    const std::uint8_t c = escaped[i++];
    append_utf8(utf8, c);
    if (c != '\\' || i == escaped.size) continue;
    const std::uint8_t kind = escaped[i++];
    if (kind != 'u' && kind != 'U') {
      append_utf8(utf8, kind);
      continue;
    }
    utf8.pop_back();  // the backslash
    std::uint32_t value;
    if (!parse_hex(escaped, i, kind == 'u' ? 4 : 8, value)) return false;
    if (value > 0x10ffff) return false;
    append_utf8(utf8, value);
  }
  return true;
}

}  // namespace mmappickle::pickle
