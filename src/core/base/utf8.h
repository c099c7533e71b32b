// Text as files hold it: UTF-8, which in Python may carry lone surrogates and NULs.
#pragma once

#include <string>

#include "bytes.h"

namespace mmappickle {

enum class TextKind {
  ascii,       // 7 bit, no NUL
  utf8,        // valid UTF-8, no NUL
  nul,         // valid, with a NUL: no R string holds it
  surrogates,  // valid but for lone surrogates (Python's "surrogatepass"), maybe NULs
  invalid,     // no text at all
};
TextKind classify_text(Bytes text);

// The one decoder, and the one encoder. Lone surrogates pass as any code point does.

// NULs are.
bool is_ascii(Bytes text);
// True for a byte that is not the first one of a sequence.
inline bool is_utf8_inside(std::uint8_t byte) { return (byte & 0xc0) == 0x80; }
// Length of the sequence that begins at text[at] (1 to 4), and its code point; 0 if no
// valid sequence begins there. The bounds of the second byte are those of the Unicode
// standard, table 3-7: they exclude overlong forms and what lies beyond U+10FFFF.
inline int decode_utf8(Bytes text, std::uint64_t at, std::uint32_t& code_point) {
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
    if (!is_utf8_inside(next)) return 0;
    code_point = code_point << 6 | (next & 0x3fu);
  }
  return length;
}
// Up to U+10FFFF.
void append_utf8(std::string& out, std::uint32_t code_point);
// Of valid UTF-8.
std::uint64_t count_code_points(Bytes text);

// Printable form of any bytes: NUL, control bytes, surrogates and invalid bytes as
// \x00, \udc80 ..., valid text as it is. What names(m) shows for odd keys.
std::string escape_text(Bytes text);
// The same where there is room for kEscaped bytes for each; gives their number. Takes no
// memory.
constexpr std::size_t kEscaped = 6;
std::size_t escape_text(Bytes text, char* out);

// Any bytes as text, as Python's error handler "surrogateescape" has it: a byte that is
// no part of valid UTF-8 becomes the lone surrogate U+DC00 + byte. And back.
std::string surrogate_escape(Bytes bytes);
std::string surrogate_unescape(Bytes text);

// Latin-1 to UTF-8 (Python 2's byte strings).
std::string latin1_to_utf8(Bytes text);
// False, with `out` unspecified, for text of other code points.
bool utf8_to_latin1(Bytes text, std::string& out);

}  // namespace mmappickle
