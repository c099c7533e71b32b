#include "r/error.h"

#include <cstring>
#include <exception>

#include "core/base/utf8.h"
#include "core/os/file.h"
#include "r/call.h"
#include "r/text.h"
#include "r/vector.h"

namespace mmappickle {

namespace {

SEXP r_string(std::string_view s) { return Rf_ScalarString(r_text(Bytes(s))); }

// A message: UTF-8, but for the paths that it names.
SEXP r_message(const std::string& s) {
  if (os::paths_are_utf8() || classify_text(Bytes(s)) != TextKind::invalid) {
    return r_string(s);
  }
  return r_string(Rf_reEnc(s.c_str(), CE_NATIVE, CE_UTF8, 1));
}

}  // namespace

namespace {

// The core's messages are phrases ("cannot open 'x'"); users read sentences. Code at the
// start ("fsck(path) reports ...") stays as it is.
std::string sentence(std::string text) {
  const bool code = text.substr(0, text.find(' ')).find_first_of("([$=_") != text.npos;
  if (!text.empty() && !code && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  if (!text.empty() && std::strchr(".!?:", text.back()) == nullptr) text += '.';
  return text;
}

}  // namespace

void raise(const Error& error) {
  const std::string message = sentence(error.message);
  const std::string hint = sentence(error.hint);
  protect([&] {
    SEXP texts = PROTECT(Rf_allocVector(VECSXP, 6));
    SET_VECTOR_ELT(texts, 0, r_string(name(error.kind)));
    SET_VECTOR_ELT(texts, 1, r_message(message));
    SET_VECTOR_ELT(texts, 2, r_message(hint));
    SET_VECTOR_ELT(texts, 3, Rf_ScalarString(r_path(error.path)));
    SET_VECTOR_ELT(texts, 4, r_string(error.key));
    SET_VECTOR_ELT(texts, 5, r_string(error.cause));
    SEXP offset = PROTECT(Rf_ScalarReal(
        error.offset == kNoOffset ? NA_REAL : static_cast<double>(error.offset)));
    call_own("raise_error",
             {vector_elt(texts, 0), vector_elt(texts, 1), vector_elt(texts, 2),
              vector_elt(texts, 3), vector_elt(texts, 4), offset, vector_elt(texts, 5)});
    UNPROTECT(2);
    return R_NilValue;
  });
  std::terminate();  // raise_error() never returns
}

void raise_warnings(const Warnings& warnings) {
  for (const Warning& w : warnings) {
    protect([&] {
      SEXP kind = PROTECT(r_string(name(w.kind)));
      SEXP message = PROTECT(r_message(w.message));
      call_own("raise_warning", {kind, message});
      UNPROTECT(2);
      return R_NilValue;
    });
  }
}

std::string of_key(const std::string& key) {
  return key.empty() ? "" : " of \"" + escape_text(Bytes(key)) + "\"";
}

std::string in_r(const std::string& key) {
  bool name = !key.empty();
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    name =
        name && (letter || (i > 0 && (c == '_' || c == '.' || (c >= '0' && c <= '9'))));
  }
  const std::string text = escape_text(Bytes(key));
  return name ? "m$" + text : "m[[\"" + text + "\"]]";
}

Warning rounded(const std::string& key, const std::string& path,
                const std::string& places) {
  return {WarningKind::precision,
          "Integers" + (places.empty() ? "" : " in " + places) + of_key(key) +
              (path.empty() ? "" : " in '" + path + "'") +
              " beyond 2^53 were rounded to doubles. Read them exactly with int64 = "
              "\"integer64\"."};
}

Warning rounded_decimals(const std::string& key, const std::string& path,
                         const std::string& places) {
  return {WarningKind::precision,
          "Decimals" + (places.empty() ? "" : " in " + places) + of_key(key) +
              (path.empty() ? "" : " in '" + path + "'") +
              " have more digits than doubles and were rounded to these."};
}

Warning inert(const std::string& key, const std::string& path,
              const std::string& places) {
  return {WarningKind::inert, "Columns" + (places.empty() ? "" : " " + places) +
                                  of_key(key) +
                                  (path.empty() ? "" : " in '" + path + "'") +
                                  " hold Python objects that have no counterpart in R: "
                                  "they are lists of such."};
}

Warning escaped(const std::string& key) {
  return {WarningKind::precision, "Strings" + of_key(key) +
                                      " that R cannot hold (with a NUL, or no valid "
                                      "UTF-8) are shown with escapes."};
}

}  // namespace mmappickle
