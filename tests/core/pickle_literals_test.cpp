#include <doctest/doctest.h>

#include <clocale>
#include <cstdlib>

#include "pickle_testing.h"
#include "scratch.h"

namespace mmappickle::pickle {
namespace {

using test::Scratch;

TEST_CASE("literals: numbers in decimal") {
  check_reads({
      {"I00\n.", "F"},
      {"I01\n.", "T"},
      {"I0\n.", "i0"},
      {"I1\n.", "i1"},
      {"I-1\n.", "i-1"},
      {"I+5\n.", "i5"},
      {"I 5\r\n.", "i5"},
      {"I017\n.", "i15"},
      {"I-017\n.", "i-15"},
      {"I018\n.", "error@0"},
      {"I0x1F\n.", "i31"},
      {"I0b11\n.", "i3"},
      {"I0o17\n.", "i15"},
      {"I0x\n.", "error@0"},
      {"I000\n.", "i0"},
      {"I\n.", "error@0"},
      {"I-\n.", "error@0"},
      {"I--5\n.", "error@0"},
      {"I5L\n.", "error@0"},
      {"I1_000\n.", "error@0"},
      {"I1.5\n.", "error@0"},
      {"I5", "error@0"},
      {"I9223372036854775807\n.", "i9223372036854775807"},
      {"I-9223372036854775808\n.", "i-9223372036854775808"},
      {"I9223372036854775808\n.", "I000000000000008000"},
      {"L5L\n.", "i5"},
      {"L5\n.", "i5"},
      {"L-9223372036854775809L\n.", "Iffffffffffffff7fff"},
      {"L\n.", "error@0"},
      {"LL\n.", "error@0"},
      {"L5l\n.", "error@0"},
      {"L010L\n.", "error@0"},
      {"L00L\n.", "i0"},
      {"F1\n.", "f3ff0000000000000"},
      {"F-.5\n.", "fbfe0000000000000"},
      {"F5.\n.", "f4014000000000000"},
      {"F1e-400\n.", "f0000000000000000"},
      {"F-0.0\n.", "f8000000000000000"},
      {"F4.9e-324\n.", "f0000000000000001"},
      {"F9007199254740993.0\n.", "f4340000000000000"},
      {"FInFiNiTy\n.", "f7ff0000000000000"},
      {"F-inf\n.", "ffff0000000000000"},
      {"Fnan\n.", "f7ff8000000000000"},
      {"F1e999\n.", "error@0"},
      {"F\n.", "error@0"},
      {"F.\n.", "error@0"},
      {"F1e\n.", "error@0"},
      {"F0x1p3\n.", "error@0"},
      {"F1,5\n.", "error@0"},
      {"F 1.5\n.", "error@0"},
      {"F1.5junk\n.", "error@0"},
      {"Finfinit\n.", "error@0"},
  });
}

#ifndef _WIN32

// One whose decimal point is a comma; empty if none is to be had.
std::string comma_locale(const Scratch& scratch) {
  const std::string make = "localedef -i de_DE -f UTF-8 '" + scratch.path("de_DE.UTF-8") +
                           "' > /dev/null 2>&1";
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr &&
      std::system(make.c_str()) == 0) {
    ::setenv("LOCPATH", scratch.folder().c_str(), 1);
    std::setlocale(LC_NUMERIC, "de_DE.UTF-8");
    ::unsetenv("LOCPATH");
  }
  return std::localeconv()->decimal_point;
}

TEST_CASE("literals: numbers where LC_NUMERIC has a comma") {
  const Scratch scratch;
  const std::string point = comma_locale(scratch);
  check_reads({
      {"F1.5\n.", "f3ff8000000000000"},
      {"F-.5\n.", "fbfe0000000000000"},
      {"F5.\n.", "f4014000000000000"},
      {"F12\n.", "f4028000000000000"},
      {"F1.25e-1\n.", "f3fc0000000000000"},
      {"F4.9e-324\n.", "f0000000000000001"},
      {"F1,5\n.", "error@0"},
      {"F1.5,\n.", "error@0"},
      {"F1.5.\n.", "error@0"},
  });
  std::setlocale(LC_NUMERIC, "C");
#ifdef __linux__
  CHECK(point == ",");
#endif
}

#endif

TEST_CASE("literals: parse_decimal") {
  const auto parse = [](std::string_view digits) {
    std::int64_t value = -77;
    return parse_decimal(Bytes(digits), value) ? value : -77;
  };
  CHECK(parse("0") == 0);
  CHECK(parse("-0") == 0);
  CHECK(parse("+12") == 12);
  CHECK(parse("007") == 7);
  CHECK(parse("9223372036854775807") == INT64_MAX);
  CHECK(parse("-9223372036854775808") == INT64_MIN);
  for (const char* bad : {"", "-", "9223372036854775808", "-9223372036854775809", "1_0",
                          " 1", "1 ", "0x1", "99999999999999999999999999"}) {
    CAPTURE(bad);
    CHECK(parse(bad) == -77);
  }
}

TEST_CASE("literals: strings and texts of protocol 0") {
  check_reads({
      {"S'abc'\n.", "s616263"},
      {"S\"abc\"\n.", "s616263"},
      {"S''\n.", "s"},
      {"S'a'b'\n.", "s612762"},
      {"S'a\\'b'\n.", "s612762"},
      {"S'\\n\\t\\r\\b\\f\\v\\a\\\\\\\"'\n.", "s0a090d080c0b075c22"},
      {"S'\\101\\7\\0\\400'\n.", "s41070000"},
      {"S'\\18'\n.", "s0138"},
      {"S'\\x41\\xFf'\n.", "?string 41ff"},
      {"S'\\q'\n.", "s5c71"},
      {raw("S'\\\x00'\n."), "s5c00"},
      {"S'\\x4'\n.", "error@0"},
      {"S'\\xzz'\n.", "error@0"},
      {"S'a\\'\n.", "error@0"},
      {"Sabc\n.", "error@0"},
      {"S'\n.", "error@0"},
      {"S\n.", "error@0"},
      {"S'abc\"\n.", "error@0"},
      {"S'abc' \n.", "error@0"},
      {"S'abc'", "error@0"},
      {"V\n.", "s"},
      {"Vabc\n.", "s616263"},
      {"V\xe9\n.", "sc3a9"},  // Latin-1
      {"V\\u20ac\n.", "se282ac"},
      {"V\\U0001F600\n.", "sf09f9880"},
      {"V\\ud83d\\ude00\n.", "seda0bdedb880"},
      {"V\\\\u0041\n.", "s5c5c7530303431"},
      {"V\\\\\\u0041\n.", "s5c5c41"},
      {"V\\n\\\n.", "s5c6e5c"},
      {"V\\u123\n.", "error@0"},
      {"V\\U00110000\n.", "error@0"},
      {"V\\U0010ffff\n.", "sf48fbfbf"},
  });
}

TEST_CASE("literals: long literals take time linear in their length") {
  const std::string digits(kMillion, '7');
  CHECK(root_tag("L" + digits + "L\n.") == Tag::big_integer);
  CHECK(root_tag("I" + digits + "\n.") == Tag::big_integer);
  CHECK(root_tag("F0." + digits + "\n.") == Tag::real);
  CHECK(root_tag("S'" + repeat("\\x41", kMillion) + "'\n.") == Tag::string);
  CHECK(root_tag("V" + repeat("\\u0041", kMillion) + "\n.") == Tag::text);
  CHECK(root_tag("\x8b" + le(kMillion, 4) + std::string(kMillion, '\xff') + ".") ==
        Tag::integer);
}

TEST_CASE("integers of any size: bytes to decimal digits, and back") {
  const auto decimal = [](const std::string& bytes) {
    return twos_complement_to_decimal(Bytes(std::string_view(bytes)));
  };
  CHECK(decimal("") == "0");
  CHECK(decimal(raw("\0")) == "0");
  for (const std::int64_t value :
       {std::int64_t{1}, std::int64_t{-1}, std::int64_t{127}, std::int64_t{-128},
        std::int64_t{999999999}, std::int64_t{1000000000}, std::int64_t{-1000000000},
        std::int64_t{INT32_MIN}, std::int64_t{UINT32_MAX}, std::int64_t{INT64_MAX},
        std::int64_t{INT64_MIN}}) {
    CHECK(decimal(le(static_cast<std::uint64_t>(value), 8)) == std::to_string(value));
  }
  std::uint64_t state = 1;
  for (std::size_t size = 1; size < 80; ++size) {
    std::string digits(size, '0');
    for (char& digit : digits) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      digit = static_cast<char>('0' + (state >> 33) % 10);
    }
    if (digits[0] == '0') digits[0] = '7';
    for (const std::string& number : {digits, "-" + digits}) {
      const std::string bytes = decimal_to_twos_complement(Bytes(number));
      CHECK(decimal(bytes) == number);
    }
  }
  const std::string power = decimal(std::string(32, '\0') + '\1');  // 2^256
  CHECK(power ==
        "115792089237316195423570985008687907853269984665640564039457584007913129639936");
  CHECK_THROWS_AS(decimal(std::string(60000, '\1')), Error);
}

}  // namespace
}  // namespace mmappickle::pickle
