// The text in which protocol 0 writes numbers and strings. Every function here is linear,
// and is false where CPython's parser raises an error.
#pragma once

#include <string>

#include "../base/bytes.h"

namespace mmappickle::pickle {

// A Python integer literal, white space around it allowed.
struct IntegerLiteral {
  bool fits = false;  // in 64 bits: `value` counts, else `digits`
  std::int64_t value = 0;
  Bytes digits;  // decimal, maybe a minus sign, no leading zeros
};
// INT, as CPython 3.11 reads it: 017 is octal (later versions: decimal). With a prefix,
// 0x1f, 0o17, 0b11, it must fit 64 bits.
bool parse_int(Bytes line, IntegerLiteral& literal);
// LONG, with or without its final L. The same, but 017 is an error.
bool parse_long(Bytes line, IntegerLiteral& literal);

// FLOAT, whatever LC_NUMERIC says.
bool parse_real(Bytes line, double& value);

// What stands between the quotes of STRING: Python's "string_escape".
bool unescape_string(Bytes escaped, std::string& bytes);
// UNICODE: Python's "raw-unicode-escape". The result is UTF-8, surrogates passed.
bool unescape_text(Bytes escaped, std::string& utf8);

}  // namespace mmappickle::pickle
