#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "base/utf8.h"

using namespace mmappickle;

namespace {

// UTF-8 by its definition: the set of all encoded code points.
struct Definition {
  static std::string encode(std::uint32_t c) {
    const auto tail = [&](int shift) {
      return static_cast<char>(0x80 + ((c >> shift) & 63));
    };
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xc0 + (c >> 6)), tail(0)};
    if (c < 0x10000) return {static_cast<char>(0xe0 + (c >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xf0 + (c >> 18)), tail(12), tail(6), tail(0)};
  }

  // Is `text` a concatenation of sequences? Tries all ways to split it.
  static TextKind classify(const std::string& text) {
    bool nul = false, wide = false, surrogates = false;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t length = 1;
      std::uint32_t c = 0;
      while (length <= 4 && !is_sequence(text, at, length, c)) ++length;
      if (length > 4) return TextKind::invalid;  // no sequence is a prefix of another
      nul |= c == 0;
      wide |= length > 1;
      surrogates |= c >= 0xd800 && c <= 0xdfff;
      at += length;
    }
    if (surrogates) return TextKind::surrogates;
    if (nul) return TextKind::nul;
    return wide ? TextKind::utf8 : TextKind::ascii;
  }

 private:
  // Are these `n` bytes the encoding of any code point? It could only be that of `c`.
  static bool is_sequence(const std::string& s, std::size_t at, std::size_t n,
                          std::uint32_t& c) {
    if (at + n > s.size()) return false;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[at + i]); };
    c = n == 1 ? byte(0) : byte(0) & (0x7f >> n);
    for (std::size_t i = 1; i < n; ++i) c = c << 6 | (byte(i) & 63);
    return c <= 0x10ffff && s.compare(at, n, encode(c)) == 0;
  }
};

TextKind kind(std::string_view text) { return classify_text(Bytes(text)); }
std::string escaped(std::string_view text) { return escape_text(Bytes(text)); }

}  // namespace

// Of three and four bytes those whose first ones leave it open what comes of the others:
// where one byte or two decide, strings of up to two have shown all but the borders.
TEST_CASE("classify_text: every string of up to 2 bytes, and 3 and 4 by all leads") {
  int wrong = 0;
  const auto compare = [&](const std::string& s) {
    wrong += kind(s) != Definition::classify(s);
  };
  const auto is_tail = [](int byte) { return byte >= 0x80 && byte <= 0xbf; };
  const int borders[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                         0xa0, 0xa5, 0xbf, 0xc0, 0xff};
  compare("");
  for (int a = 0; a < 256; ++a) {
    const std::string one(1, static_cast<char>(a));
    compare(one);
    for (int b = 0; b < 256; ++b) {
      const std::string two = one + static_cast<char>(b);
      compare(two);
      const bool open = a >= 0xc0 && is_tail(b);
      for (int c = 0; open && c < 256; ++c) compare(two + static_cast<char>(c));
      for (int c : borders) {
        const std::string three = two + static_cast<char>(c);
        if (!open) compare(three);
        if (a < 0xe0) continue;
        for (int d : borders) compare(three + static_cast<char>(d));
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("classify_text: the same at every place of a longer text") {
  const std::string specials[] = {
      std::string(1, '\0'), "\xc3\xa9", "\xed\xa0\x80", "\xff",
      "\xf0\x9f\x98\x80",   "\x7f",     "\x01",         "\xe2\x82",  // cut
  };
  const TextKind kinds[] = {TextKind::nul,     TextKind::utf8,   TextKind::surrogates,
                            TextKind::invalid, TextKind::utf8,   TextKind::ascii,
                            TextKind::ascii,   TextKind::invalid};
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t at = 0; at <= length; ++at) {
      for (int i = 0; i < 8; ++i) {
        std::string text(length, 'a');
        text.insert(at, specials[i]);
        CAPTURE(length);
        CAPTURE(at);
        CAPTURE(i);
        if (kind(text) != kinds[i]) FAIL_CHECK("wrong kind");
      }
    }
  }
}

TEST_CASE("classify_text: surrogates beat NUL, invalid beats all") {
  CHECK(kind(std::string("\0\xed\xb2\x80", 4)) == TextKind::surrogates);
  CHECK(kind(std::string("\0\xc3\xa9", 3)) == TextKind::nul);
  CHECK(kind(std::string("\0\xed\xb2\x80\x80", 5)) == TextKind::invalid);
}

TEST_CASE("escape_text") {
  CHECK(escaped("caf\xc3\xa9 \\x") == "caf\xc3\xa9 \\x");
  CHECK(escaped(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(escaped("a\nb\x1b[0m\x7f") == "a\\x0ab\\x1b[0m\\x7f");
  CHECK(escaped("\xed\xb2\x80") == "\\udc80");
  CHECK(escaped("\xff\xfe\xe2\x82") == "\\xff\\xfe\\xe2\\x82");
  CHECK(escaped("\xc2\x9b") == "\\u009b");  // CSI, of which a terminal takes orders
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string out =
          escaped(std::string{static_cast<char>(a), static_cast<char>(b)});
      const TextKind k = kind(out);
      const bool printable = std::none_of(out.begin(), out.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
      });
      if (!printable || (k != TextKind::ascii && k != TextKind::utf8)) {
        FAIL_CHECK("not printable: ", a, " ", b);
      }
    }
  }
}

TEST_CASE("latin1_to_utf8, and back") {
  std::string back;
  for (std::uint32_t c = 0; c < 256; ++c) {
    const std::string byte(1, static_cast<char>(c));
    CHECK(latin1_to_utf8(Bytes(byte)) == Definition::encode(c));
    CHECK(utf8_to_latin1(Bytes(Definition::encode(c)), back));
    CHECK(back == byte);
  }
  CHECK(latin1_to_utf8(Bytes("a\xe9")) == "a\xc3\xa9");
  CHECK_FALSE(utf8_to_latin1(Bytes(Definition::encode(256)), back));
  CHECK_FALSE(utf8_to_latin1(Bytes("a\xc3"), back));
}

TEST_CASE("each code point is encoded, decoded and classified") {
  std::string text;
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    text = "-";
    append_utf8(text, c);
    const TextKind expected = c == 0                       ? TextKind::nul
                              : c < 0x80                   ? TextKind::ascii
                              : c >= 0xd800 && c <= 0xdfff ? TextKind::surrogates
                                                           : TextKind::utf8;
    std::uint32_t decoded = 0;
    const Bytes bytes(text);
    const int length = decode_utf8(bytes, 1, decoded);
    if (text.compare(1, text.npos, Definition::encode(c)) != 0 || decoded != c ||
        static_cast<std::size_t>(length) + 1 != text.size() ||
        count_code_points(bytes) != 2 || classify_text(bytes.from(1)) != expected) {
      FAIL_CHECK(c);
    }
  }
}

TEST_CASE("any bytes become text by surrogate escapes, and come back") {
  std::string all;
  for (int i = 1; i < 256; ++i) all += static_cast<char>(i);
  for (const std::string& bytes :
       {std::string("fa\xe7ile"), std::string("\xff"), std::string("\xed\xb2\x80"),
        std::string("\xe4\xb8\xad\xe4"), std::string("plain"), std::string(), all}) {
    const std::string text = surrogate_escape(Bytes(bytes));
    CHECK(classify_text(Bytes(text)) != TextKind::invalid);
    CHECK(surrogate_unescape(Bytes(text)) == bytes);
  }
  CHECK(surrogate_escape(Bytes(std::string_view("\xe7"))) == "\xed\xb3\xa7");
  CHECK(surrogate_escape(Bytes(std::string_view("\xc3\xa9"))) == "\xc3\xa9");
}
