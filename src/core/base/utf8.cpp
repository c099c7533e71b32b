#include "utf8.h"

#include <algorithm>

namespace mmappickle {
namespace {

// Length of the sequence that begins at text[at] (1 to 4), and its code point; 0 if no
// valid sequence begins there. Lone surrogates count as sequences of 3. The bounds of
// the second byte are those of the Unicode standard, table 3-7: they exclude overlong
// forms and what lies beyond U+10FFFF.
int decode(Bytes text, std::uint64_t at, std::uint32_t& code_point) {
  const std::uint8_t lead = text[at];
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (!text.holds(at, static_cast<std::uint64_t>(length))) return 0;
  const std::uint8_t second = text[at + 1];
  const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  code_point = lead & (0x7fu >> length);
  for (int i = 1; i < length; ++i) {
    const std::uint8_t next = text[at + static_cast<std::uint64_t>(i)];
    if ((next & 0xc0) != 0x80) return 0;
    code_point = (code_point << 6) | (next & 0x3fu);
  }
  return length;
}

bool is_surrogate(std::uint32_t code_point) {
  return code_point >= 0xd800 && code_point <= 0xdfff;
}

// C0 with NUL, DEL and C1: a terminal may act on them.
bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

// "\x1f" for two digits, "\udc80" for four.
char* put_escape(char* out, std::uint32_t value, int digits) {
  *out++ = '\\';
  *out++ = digits == 2 ? 'x' : 'u';
  for (int i = digits - 1; i >= 0; --i) {
    *out++ = "0123456789abcdef"[(value >> (4 * i)) & 0xf];
  }
  return out;
}

// Number of leading bytes from `at` on, in whole words, that are ASCII without NUL.
std::uint64_t plain_run(Bytes text, std::uint64_t at) {
  constexpr std::uint64_t kHigh = 0x8080808080808080u, kOnes = 0x0101010101010101u;
  std::uint64_t end = at;
  while (text.holds(end, 8)) {
    const auto word = load_native<std::uint64_t>(text.data + end);
    // The second term has a high bit set if (and, with no high bit in `word`, only if)
    // a byte is zero.
    if ((word & kHigh) != 0 || ((word - kOnes) & kHigh) != 0) break;
    end += 8;
  }
  return end - at;
}

}  // namespace

TextKind classify_text(Bytes text) {
  bool nul = false, wide = false, surrogates = false;
  std::uint64_t at = 0;
  while (at < text.size) {
    at += plain_run(text, at);
    // At least a word of single steps before the next look for a plain run.
    for (const std::uint64_t stop = at + 8; at < text.size && at < stop;) {
      std::uint32_t code_point = 0;
      const int length = decode(text, at, code_point);
      if (length == 0) return TextKind::invalid;
      nul |= code_point == 0;
      wide |= code_point >= 0x80;
      surrogates |= is_surrogate(code_point);
      at += static_cast<std::uint64_t>(length);
    }
  }
  if (surrogates) return TextKind::surrogates;
  if (nul) return TextKind::nul;
  return wide ? TextKind::utf8 : TextKind::ascii;
}

std::size_t escape_text(Bytes text, char* out) {
  char* end = out;
  for (std::uint64_t at = 0; at < text.size;) {
    std::uint32_t code_point = 0;
    const int length = decode(text, at, code_point);
    if (length == 0) {
      end = put_escape(end, text[at], 2);
    } else if (is_surrogate(code_point) || (is_control(code_point) && length > 1)) {
      end = put_escape(end, code_point, 4);
    } else if (is_control(code_point)) {
      end = put_escape(end, code_point, 2);
    } else {
      end = std::copy_n(text.data + at, length, end);
    }
    at += static_cast<std::uint64_t>(length == 0 ? 1 : length);
  }
  return static_cast<std::size_t>(end - out);
}

std::string escape_text(Bytes text) {
  std::string out(kEscaped * text.size, '\0');
  out.resize(escape_text(text, out.data()));
  return out;
}

std::string surrogate_escape(Bytes bytes) {
  std::string out;
  for (std::uint64_t at = 0; at < bytes.size;) {
    std::uint32_t code_point = 0;
    const int length = decode(bytes, at, code_point);
    if (length == 0 || is_surrogate(code_point)) {
      // U+DC80 is ED B2 80
      out += '\xed';
      out += static_cast<char>(0xb0 | (bytes[at] >> 6));
      out += static_cast<char>(0x80 | (bytes[at] & 0x3f));
      ++at;
    } else {
      out += bytes.slice(at, static_cast<std::uint64_t>(length)).text();
      at += static_cast<std::uint64_t>(length);
    }
  }
  return out;
}

std::string surrogate_unescape(Bytes text) {
  std::string out;
  for (std::uint64_t at = 0; at < text.size;) {
    std::uint32_t code_point = 0;
    const int length = decode(text, at, code_point);
    if (length == 3 && code_point >= 0xdc80 && code_point <= 0xdcff) {
      out += static_cast<char>(code_point & 0xff);
    } else {
      out += text.slice(at, length == 0 ? 1 : static_cast<std::uint64_t>(length)).text();
    }
    at += length == 0 ? 1 : static_cast<std::uint64_t>(length);
  }
  return out;
}

std::string latin1_to_utf8(Bytes text) {
  std::string out;
  out.reserve(text.size);
  for (std::uint64_t i = 0; i < text.size; ++i) {
    if (text[i] < 0x80) {
      out += static_cast<char>(text[i]);
    } else {
      out += static_cast<char>(0xc0 | (text[i] >> 6));
      out += static_cast<char>(0x80 | (text[i] & 0x3f));
    }
  }
  return out;
}

}  // namespace mmappickle
