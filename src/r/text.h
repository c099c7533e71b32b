// Text and paths between R and the core.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "r/unwind.h"

namespace mmappickle {

// The text of a CHARSXP in UTF-8. Strings in the encoding "bytes", and what is invalid in
// its own encoding, as they are: the caller looks whether it is text.
std::string utf8_of(SEXP string);

// A CHARSXP of any bytes: text that R can hold as it is, all else (with NULs, surrogates,
// or no UTF-8) escaped. What comes from files to R as text comes this way. R API.
SEXP r_text(Bytes any);
SEXP character_vector(const std::vector<std::string>& texts);

// A path as R gives it, one string, as the system takes it: what the locale's encoding
// has no bytes for, in UTF-8. And back, a CHARSXP (R API).
std::string system_path(SEXP path);
SEXP r_path(const std::string& path);

// A key as users give it: one string (any encoding; taken as UTF-8) or a raw vector of
// its bytes. Error of kind key for anything else, NA included.
std::string key_of(SEXP key);

}  // namespace mmappickle
