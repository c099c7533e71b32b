#include "glue.h"

#include <climits>

#include "core/base/utf8.h"
#include "views.h"

namespace mmappickle {

namespace {

SEXP r_string(std::string_view s) {
  return Rf_ScalarString(Rf_mkCharLenCE(s.data(), static_cast<int>(s.size()), CE_UTF8));
}

// A function of the package's own namespace.
SEXP own_function(const char* name) {
  SEXP package = PROTECT(Rf_mkString("mmappickle"));
  SEXP ns = PROTECT(R_FindNamespace(package));
  SEXP function = Rf_findFun(Rf_install(name), ns);
  UNPROTECT(2);
  return function;
}

}  // namespace

SEXP call_own(const char* name, std::initializer_list<SEXP> arguments) {
  SEXP list = R_NilValue;
  for (const SEXP* a = arguments.end(); a != arguments.begin();) {
    list = PROTECT(Rf_cons(*--a, list));
  }
  SEXP call = PROTECT(Rf_lcons(own_function(name), list));
  SEXP out = Rf_eval(call, R_BaseEnv);
  UNPROTECT(static_cast<int>(arguments.size()) + 1);
  return out;
}

namespace {

// The core's messages are phrases ("cannot open 'x'"); users read sentences. Code at the
// start ("fsck(path) reports ...") stays as it is.
std::string sentence(std::string text) {
  const bool code = text.substr(0, text.find(' ')).find_first_of("([$=_") != text.npos;
  if (!text.empty() && !code && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  const std::size_t stop = text.rfind(". ('");  // a sentence with a file's name behind it
  if (stop != text.npos) text.erase(stop, 1);
  if (!text.empty() && std::strchr(".!?:", text.back()) == nullptr) text += '.';
  return text;
}

}  // namespace

void raise(const Error& error) {
  // What a file is to blame for names the file.
  const bool of_file = error.kind == ErrorKind::format || error.kind == ErrorKind::stale;
  const bool named =
      error.path.empty() || error.message.find(error.path) != std::string::npos;
  const std::string message =
      sentence(error.message + (of_file && !named ? " ('" + error.path + "')" : ""));
  const std::string hint = sentence(error.hint);
  protect([&] {
    SEXP texts = PROTECT(Rf_allocVector(VECSXP, 6));
    SET_VECTOR_ELT(texts, 0, r_string(name(error.kind)));
    SET_VECTOR_ELT(texts, 1, r_string(message));
    SET_VECTOR_ELT(texts, 2, r_string(hint));
    SET_VECTOR_ELT(texts, 3, r_string(error.path));
    SET_VECTOR_ELT(texts, 4, r_string(error.key));
    SET_VECTOR_ELT(texts, 5, r_string(error.cause));
    SEXP offset = PROTECT(Rf_ScalarReal(
        error.offset == kNoOffset ? NA_REAL : static_cast<double>(error.offset)));
    call_own("raise_error",
             {VECTOR_ELT(texts, 0), VECTOR_ELT(texts, 1), VECTOR_ELT(texts, 2),
              VECTOR_ELT(texts, 3), VECTOR_ELT(texts, 4), offset, VECTOR_ELT(texts, 5)});
    UNPROTECT(2);
    return R_NilValue;
  });
  throw Rcpp::exception("raise_error() returned");  // it never does
}

void raise_warnings(const Warnings& warnings) {
  for (const Warning& w : warnings) {
    protect([&] {
      SEXP kind = PROTECT(r_string(name(w.kind)));
      SEXP message = PROTECT(r_string(w.message));
      call_own("raise_warning", {kind, message});
      UNPROTECT(2);
      return R_NilValue;
    });
  }
}

namespace {
void check_interrupt(void*) { R_CheckUserInterrupt(); }
}  // namespace

void poll_interrupt() {
  // FALSE: the check jumped, that is, there was an interrupt.
  if (!R_ToplevelExec(check_interrupt, nullptr)) throw Interrupted();
}

void raise_pending() {
  std::string path;
  if (take_damaged(&path)) {
    Error error(ErrorKind::stale,
                "A view read bytes that are gone: the file was cut while it was mapped.",
                "The values read there are zeros. Open the file again and run fsck().");
    error.path = path;
    throw error;
  }
  Warnings warnings;
  std::string key;
  if (take_inexact(&key)) warnings.push_back(rounded(key));
  if (take_escaped(&key)) warnings.push_back(escaped(key));
  raise_warnings(warnings);
}

Warning rounded(const std::string& key) {
  return {WarningKind::precision,
          "Integers of \"" + escape_text(Bytes(key)) +
              "\" beyond 2^53 were rounded to doubles. Read them exactly with int64 = "
              "\"integer64\"."};
}

Warning escaped(const std::string& key) {
  return {WarningKind::precision, "Strings of \"" + escape_text(Bytes(key)) +
                                      "\" that R cannot hold (with a NUL, or no valid "
                                      "UTF-8) are shown with escapes."};
}

Handle& handle_of(SEXP pointer) {
  Handle* handle = TYPEOF(pointer) == EXTPTRSXP
                       ? static_cast<Handle*>(R_ExternalPtrAddr(pointer))
                       : nullptr;
  if (!handle || !handle->store || !handle->store->is_open()) {
    throw Error(ErrorKind::closed, "This mmapdict is closed.",
                "Open the file again with mmapdict().");
  }
  return *handle;
}

std::string utf8_of(SEXP string) {
  const char* s = nullptr;
  if (Rf_getCharCE(string) == CE_BYTES) {
    s = CHAR(string);
  } else {
    protect([&] {
      s = Rf_translateCharUTF8(string);
      return R_NilValue;
    });
  }
  return s;
}

std::string key_of(SEXP key) {
  std::string out;
  if (TYPEOF(key) == RAWSXP) {
    out.assign(reinterpret_cast<const char*>(RAW_RO(key)),
               static_cast<std::size_t>(Rf_xlength(key)));
  } else if (TYPEOF(key) == STRSXP && Rf_xlength(key) == 1) {
    if (STRING_ELT(key, 0) == NA_STRING) {
      throw Error(ErrorKind::key, "A key must not be NA.");
    }
    out = utf8_of(STRING_ELT(key, 0));
    if (classify_text(Bytes(out)) == TextKind::invalid) {
      throw Error(ErrorKind::key,
                  "The key " + escape_text(Bytes(out)) + " is not valid UTF-8.");
    }
  } else {
    throw Error(ErrorKind::key, "A key must be a single string.",
                "Several values at once: m[c(\"a\", \"b\")].");
  }
  store::check_key(out);
  return out;
}

}  // namespace mmappickle
