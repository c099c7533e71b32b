// Python's notation of plain values, as repr() gives it: texts, whole numbers, True,
// False, None, lists, tuples, dicts.
#pragma once

#include "tree.h"

namespace mmappickle::pickle {

// The value, made in the tree, which borrows the text; kNoId if that is none, or has more
// than kMaxLiteralDepth levels.
constexpr int kMaxLiteralDepth = 100;
Id read_literal(Tree& tree, Bytes text);

}  // namespace mmappickle::pickle
