// Python's notation of plain values, as repr() gives it and the headers of NumPy's files
// have it: texts, whole numbers of 64 bits, True, False, None, lists, tuples, dicts, with
// white space between them. Read by these rules alone, never evaluated.
#pragma once

#include "tree.h"

namespace mmappickle::pickle {

// The value, made in the tree, which borrows the text; kNoId if that is none, or has more
// than kMaxLiteralDepth levels.
constexpr int kMaxLiteralDepth = 100;
Id read_literal(Tree& tree, Bytes text);

// 'text' as Python writes it.
std::string literal_of(std::string_view utf8);

}  // namespace mmappickle::pickle
