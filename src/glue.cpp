#include "glue.h"

#include <climits>
#include <cstdio>

#include "core/base/utf8.h"
#include "elements.h"
#include "views.h"

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
    SEXP argument = *--a;
    const bool code = TYPEOF(argument) == SYMSXP || TYPEOF(argument) == LANGSXP;
    if (code) argument = PROTECT(Rf_lang2(R_QuoteSymbol, argument));  // not evaluated
    list = Rf_cons(argument, list);
    if (code) UNPROTECT(1);
    PROTECT(list);
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
  throw Rcpp::exception("raise_error() returned");  // it never does
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

namespace {
void check_interrupt(void*) { R_CheckUserInterrupt(); }
}  // namespace

int Callback::depth_ = 0;

void Callback::refuse_calls() {
  if (depth_ == 0) return;
  throw Error(ErrorKind::busy, "the package is in the midst of another call",
              "Event handlers, finalizers and the like run inside of it: call the "
              "package later.");
}

void poll_interrupt() {
  const Callback callback;
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
  raise_noted();
}

void raise_noted() {
  Warnings warnings;
  std::string key, path;
  if (take_inexact(&key, &path)) warnings.push_back(rounded(key, path));
  if (take_escaped(&key, &path)) warnings.push_back(escaped(key));
  raise_warnings(warnings);
}

std::string of_key(const std::string& key) {
  return key.empty() ? "" : " of \"" + escape_text(Bytes(key)) + "\"";
}

Warning rounded(const std::string& key, const std::string& path,
                const std::string& places) {
  return {WarningKind::precision,
          "Integers" + (places.empty() ? "" : " in " + places) + of_key(key) +
              (path.empty() ? "" : " in '" + path + "'") +
              " beyond 2^53 were rounded to doubles. Read them exactly with int64 = "
              "\"integer64\"."};
}

Warning escaped(const std::string& key) {
  return {WarningKind::precision, "Strings" + of_key(key) +
                                      " that R cannot hold (with a NUL, or no valid "
                                      "UTF-8) are shown with escapes."};
}

SEXP handle_tag() { return Rf_install("mmappickle_handle"); }

Handle* handle_behind(SEXP pointer) {
  const bool ours =
      TYPEOF(pointer) == EXTPTRSXP && R_ExternalPtrTag(pointer) == handle_tag();
  return ours ? static_cast<Handle*>(R_ExternalPtrAddr(pointer)) : nullptr;
}

Handle& handle_of(SEXP pointer) {
  Handle* handle = handle_behind(pointer);
  if (!handle || !handle->store || !handle->store->is_open()) {
    throw Error(ErrorKind::closed, "This mmapdict is closed.",
                "Open the file again with mmapdict().");
  }
  return *handle;
}

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

bool is_ascii(const char* text) {
  return classify_text(Bytes(std::string_view(text))) == TextKind::ascii;
}

}  // namespace

std::string utf8_of(SEXP string) {
  const char* const own = CHAR(string);
  const cetype_t encoding = Rf_getCharCE(string);
  const bool as_it_is = encoding == CE_BYTES || encoding == CE_UTF8;
  return as_it_is || is_ascii(own) ? own : translated(own, encoding, CE_UTF8);
}

std::string system_path(SEXP path) {
  SEXP string = string_elt(path, 0);
  if (os::paths_are_utf8()) return utf8_of(string);
  const char* const own = CHAR(string);
  const cetype_t encoding = Rf_getCharCE(string);
  const bool as_it_is = encoding == CE_BYTES || encoding == CE_NATIVE;
  if (as_it_is || is_ascii(own)) return own;
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

pickle::Limits value_limits() {
  pickle::Limits limits;
  const auto read = [](const char* option, double& limit) {
    SEXP x = Rf_GetOption1(Rf_install(option));
    if ((TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) || Rf_xlength(x) != 1) return;
    const double wanted = Rf_asReal(x);
    if (wanted >= 0) limit = wanted;
  };
  read("mmappickle.max_depth", limits.depth);
  read("mmappickle.max_repeated", limits.repeated);
  return limits;
}

void refuse_extent(pickle::Beyond beyond, const pickle::Limits& limits,
                   const std::string& subject) {
  char number[32];
  const bool depth = beyond == pickle::Beyond::depth;
  std::snprintf(number, sizeof number, "%.0f", depth ? limits.depth : limits.repeated);
  if (depth) {
    throw Error(ErrorKind::limit,
                subject + " nested more than " + number + " levels deep.",
                "R's own functions may end the session with such a value. "
                "options(mmappickle.max_depth = ) sets another limit.");
  }
  throw Error(ErrorKind::limit,
              subject + " made of parts that repeat: written out, there are more than " +
                  number + " values.",
              "R's own functions walk through all of them. "
              "options(mmappickle.max_repeated = ) sets another limit.");
}

std::string key_of(SEXP key) {
  std::string out;
  if (TYPEOF(key) == RAWSXP) {
    out.assign(static_cast<const char*>(read_pointer(key)),
               static_cast<std::size_t>(Rf_xlength(key)));
  } else if (TYPEOF(key) == STRSXP && Rf_xlength(key) == 1) {
    if (string_elt(key, 0) == NA_STRING) {
      throw Error(ErrorKind::key, "A key must not be NA.");
    }
    out = utf8_of(string_elt(key, 0));
    if (classify_text(Bytes(out)) == TextKind::invalid) {
      throw Error(ErrorKind::key,
                  "The key " + escape_text(Bytes(out)) + " is not valid UTF-8.");
    }
  } else {
    throw Error(ErrorKind::key, "A key must be a single string.",
                "Several values at once: m[c(\"a\", \"b\")].");
  }
  // A file may hold keys that are no text, which are read and deleted, but not made.
  if (TYPEOF(key) != RAWSXP) store::check_key(out);
  return out;
}

}  // namespace mmappickle
