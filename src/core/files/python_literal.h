// Python's literals, as the headers of NumPy's files have them: strings, integers, True
// and False in tuples, lists and dicts. Read by these rules alone, never evaluated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../base/bytes.h"

namespace mmappickle::files {

struct Literal {
  enum class Type : std::uint8_t { text, integer, boolean, tuple, list, dict };
  Type type = Type::tuple;
  std::string text;            // UTF-8
  std::uint64_t integer = 0;   // of a boolean: 0 or 1
  std::vector<Literal> items;  // of a dict: key, value, key, value ...

  bool is(Type t) const { return type == t; }
};

// All of the text (UTF-8) as one literal, white space around it; nothing for what is
// none, nests deeper than kMostNested or has a number beyond 64 bits. Takes time and
// memory linear in the text.
constexpr int kMostNested = 100;
std::optional<Literal> parse_literal(Bytes text);

// 'text' as Python writes it.
std::string literal_of(std::string_view utf8);

}  // namespace mmappickle::files
