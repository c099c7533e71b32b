#include "glue.h"

#include <climits>
#include <cstdio>

#include "core/base/utf8.h"
#include "elements.h"
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
    SET_VECTOR_ELT(texts, 1, r_string(message));
    SET_VECTOR_ELT(texts, 2, r_string(hint));
    SET_VECTOR_ELT(texts, 3, r_string(error.path));
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
  Warnings warnings;
  std::string key;
  if (take_inexact(&key)) warnings.push_back(rounded(key));
  if (take_escaped(&key)) warnings.push_back(escaped(key));
  raise_warnings(warnings);
}

std::string of_key(const std::string& key) {
  return key.empty() ? "" : " of \"" + escape_text(Bytes(key)) + "\"";
}

Warning rounded(const std::string& key) {
  return {WarningKind::precision,
          "Integers" + of_key(key) +
              " beyond 2^53 were rounded to doubles. Read them exactly with int64 = "
              "\"integer64\"."};
}

Warning escaped(const std::string& key) {
  return {WarningKind::precision, "Strings" + of_key(key) +
                                      " that R cannot hold (with a NUL, or no valid "
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
  const char* const own = CHAR(string);
  const cetype_t encoding = Rf_getCharCE(string);
  if (encoding == CE_BYTES || encoding == CE_UTF8 ||
      classify_text(Bytes(std::string_view(own))) == TextKind::ascii) {
    return own;
  }
  std::string text;
  protect([&] {
    const void* top = vmaxget();
    if (encoding == CE_NATIVE) {
      // R would write <ff> for what is invalid in the locale's encoding.
      const char* skipped = Rf_reEnc(own, CE_NATIVE, CE_UTF8, 0);
      const char* marked = Rf_reEnc(own, CE_NATIVE, CE_UTF8, 1);
      text = std::strcmp(skipped, marked) == 0 ? skipped : own;
    } else {
      text = Rf_translateCharUTF8(string);
    }
    vmaxset(top);
    return R_NilValue;
  });
  return text;
}

std::string utf8_path(SEXP path) { return utf8_of(string_elt(path, 0)); }

std::string shown(std::string_view key) {
  const Bytes bytes(key);
  const TextKind kind = classify_text(bytes);
  const bool text = kind == TextKind::ascii || kind == TextKind::utf8;
  return text ? std::string(key) : escape_text(bytes);
}

SEXP character_vector(const std::vector<std::string>& texts) {
  return protect([&] {
    SEXP x = PROTECT(Rf_allocVector(STRSXP, static_cast<R_xlen_t>(texts.size())));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      SET_STRING_ELT(
          x, static_cast<R_xlen_t>(i),
          Rf_mkCharLenCE(texts[i].data(), static_cast<int>(texts[i].size()), CE_UTF8));
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
  store::check_key(out);
  return out;
}

}  // namespace mmappickle
