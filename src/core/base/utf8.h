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

}  // namespace mmappickle
