#include "r/text.h"

#include <cstring>

#include "core/base/utf8.h"
#include "core/os/file.h"
#include "core/store/store.h"
#include "r/call.h"
#include "r/vector.h"

namespace mmappickle {

namespace {

// From one encoding to another. R writes <ff> for what cannot be: then `own` stays.
std::string translated(const char* own, cetype_t from, cetype_t to) {
  std::string text;
  protect([&] {
    const void* top = vmaxget();
    const char* skipped = Rf_reEnc(own, from, to, 0);
    const char* marked = Rf_reEnc(own, from, to, 1);
    text = std::strcmp(skipped, marked) == 0 ? skipped : own;
    vmaxset(top);
    return R_NilValue;
  });
  return text;
}

}  // namespace

std::string utf8_of(SEXP string) {
  const char* const own = CHAR(string);
  const cetype_t encoding = Rf_getCharCE(string);
  const bool as_it_is = encoding == CE_BYTES || encoding == CE_UTF8;
  return as_it_is || is_ascii(Bytes(std::string_view(own)))
             ? own
             : translated(own, encoding, CE_UTF8);
}

std::string system_path(SEXP path) {
  SEXP string = string_elt(path, 0);
  if (os::paths_are_utf8()) return utf8_of(string);
  const char* const own = CHAR(string);
  const cetype_t encoding = Rf_getCharCE(string);
  const bool as_it_is = encoding == CE_BYTES || encoding == CE_NATIVE;
  if (as_it_is || is_ascii(Bytes(std::string_view(own)))) return own;
  const std::string utf8 = utf8_of(string);
  return translated(utf8.c_str(), CE_UTF8, CE_NATIVE);
}

SEXP r_path(const std::string& path) {
  if (os::paths_are_utf8()) return r_text(Bytes(path));
  return Rf_mkCharLenCE(path.data(), static_cast<int>(path.size()), CE_NATIVE);
}

SEXP r_text(Bytes any) {
  const TextKind kind = classify_text(any);
  const char* text = reinterpret_cast<const char*>(any.data);
  std::size_t size = any.size;
  const void* top = vmaxget();
  if (kind != TextKind::ascii && kind != TextKind::utf8) {
    char* escaped = R_alloc(size, kEscaped);
    size = escape_text(any, escaped);
    text = escaped;
  }
  SEXP out = Rf_mkCharLenCE(text, static_cast<int>(size), CE_UTF8);
  vmaxset(top);
  return out;
}

SEXP character_vector(const std::vector<std::string>& texts) {
  return protect([&] {
    SEXP x = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(texts.size())));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      SET_STRING_ELT(x, static_cast<R_xlen_t>(i), r_text(Bytes(texts[i])));
    }
    UNPROTECT(1);
    return x;
  });
}

std::string key_of(SEXP key) {
  std::string out;
  if (TYPEOF(key) == RAWSXP) {
    out.assign(static_cast<const char*>(read_pointer(key)),
               static_cast<std::size_t>(Rf_xlength(key)));
  } else if (TYPEOF(key) == STRSXP && Rf_xlength(key) == 1 &&
             string_elt(key, 0) != NA_STRING) {
    out = utf8_of(string_elt(key, 0));
    if (classify_text(Bytes(out)) == TextKind::invalid) {
      throw Error(ErrorKind::key,
                  "The key " + escape_text(Bytes(out)) + " is not valid UTF-8.");
    }
  } else {
    protect([&] { return call_own("check_key", {key}); });
    throw Error(ErrorKind::key, "A key must be a single string.");
  }
  // A file may hold keys that are no text, which are read and deleted, but not made.
  if (TYPEOF(key) != RAWSXP) store::check_key(out);
  return out;
}

}  // namespace mmappickle
