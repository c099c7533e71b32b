// Conditions: errors and warnings that users see. R/conditions.R makes them.
#pragma once

#include <string>

#include "core/base/error.h"
#include "r/unwind.h"

namespace mmappickle {

// All of R API: enters protect() itself.
//
// Throws what R's condition becomes: calls R/conditions.R's raise_error().
// Never returns.
[[noreturn]] void raise(const Error& error);
// Signals each by R/conditions.R's raise_warning(). The user may have turned warnings
// into errors: call it last.
void raise_warnings(const Warnings& warnings);

// " of "<key>"", for messages; nothing for a plain pickle, whose values have no key.
std::string of_key(const std::string& key);
// The value of a key as R code, for hints: m$x, m[["x y"]].
std::string in_r(const std::string& key);
// Columns in which Python's objects are left.
Warning inert(const std::string& key, const std::string& path, const std::string& places);
// `places`: which parts of the value, if not the whole.
Warning rounded(const std::string& key, const std::string& path = {},
                const std::string& places = {});
Warning rounded_decimals(const std::string& key, const std::string& path,
                         const std::string& places);
Warning escaped(const std::string& key);

}  // namespace mmappickle
