// Between the core and R: errors, warnings, interrupts, handles. Everything that includes
// R stands directly in src/; the core knows nothing of it.
//
// Unwinding. R reports errors by longjmp, which skips C++ destructors; C++ by exceptions,
// which R does not know. So: (1) core code runs inside enter(), which turns Error into an
// R condition after all C++ objects are gone; (2) R's API is called where it may longjmp
// only through Rcpp::unwindProtect (protect() below), which turns the jump into a C++
// exception and back again in the generated wrapper; (3) ALTREP methods, which have no
// such wrapper, use shield() of views.h.
#pragma once

#include <Rcpp.h>

#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <string>

#include "core/metadata/classes.h"
#include "core/numpy/kernels.h"
#include "core/pickle/extent.h"
#include "core/store/store.h"

namespace mmappickle {

// Throws what R's condition becomes: calls R/conditions.R's raise_error(), through
// unwindProtect. Never returns.
[[noreturn]] void raise(const Error& error);
// Signals each by R/conditions.R's raise_warning(). The user may have turned warnings
// into errors: call it last.
void raise_warnings(const Warnings& warnings);

// What lazy views noted since the last call (views.h): a warning for rounded integers, an
// Error of kind stale for bytes that were cut off.
void raise_pending();
// Of these the warnings alone.
void raise_noted();
// " of "<key>"", for messages; nothing for a plain pickle, whose values have no key.
std::string of_key(const std::string& key);
// `places`: which parts of the value, if not the whole.
Warning rounded(const std::string& key, const std::string& path = {},
                const std::string& places = {});
Warning escaped(const std::string& key);

// While one is alive, R code may run that the package did not ask for (event handlers,
// finalizers, a progress bar's callbacks), with a file's lock held, or half awaited. What
// it calls of the package is refused: it might wait for the very lock for ever.
class Callback {
 public:
  Callback() { ++depth_; }
  ~Callback() { --depth_; }
  Callback(const Callback&) = delete;
  static void refuse_calls();  // Error of kind busy while one is alive

 private:
  static int depth_;
};

// The body of every exported function: gives an R value.
template <class Body>
SEXP enter(Body&& body) {
  try {
    Callback::refuse_calls();
    Rcpp::Shield<SEXP> value(body());
    raise_pending();
    return value;
  } catch (const Error& error) {
    raise(error);
  } catch (const Interrupted&) {
    throw Rcpp::internal::InterruptedException();
  } catch (const std::bad_alloc&) {
    raise(Error(ErrorKind::limit, "There is not enough memory for this.",
                "Free some, or raise the limit of this process, then try again."));
  }
}

// A poll function for waits and long copies: throws Interrupted if the user pressed
// Ctrl-C. Runs R's event loop; holds nothing.
void poll_interrupt();

// Evaluates R API code that may jump.
template <class Code>
SEXP protect(Code&& code) {
  return Rcpp::unwindProtect(std::forward<Code>(code));
}

// What a handle's external pointer points at.
struct Handle {
  std::unique_ptr<os::FaultySeam> seam;  // tests only
  std::unique_ptr<store::Store> store;
  Warnings warnings;  // left by sessions, raised at the end of the call
};
SEXP handle_tag();                    // of these pointers alone. R API.
Handle* handle_behind(SEXP pointer);  // null: closed in another session, or none of ours
// Error `closed` if the handle was closed.
Handle& handle_of(SEXP pointer);
inline store::Store& store_of(SEXP pointer) { return *handle_of(pointer).store; }

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

// Calls a function of the package's own R namespace. R API: inside protect() only.
SEXP call_own(const char* name, std::initializer_list<SEXP> arguments);

// Runs code that mixes R's API and C++ exceptions, in one protected region. What is alive
// inside while R is called must be trivially destructible: longer-lived state belongs to
// an object outside. What an exception leaves protected is so no longer: R would do that
// only at its next error, and the call may be tried again before.
template <class Code>
SEXP in_r(Code&& code) {
  std::exception_ptr failure;
  SEXP out = Rcpp::unwindProtect([&]() -> SEXP {
    PROTECT_INDEX first, last;
    PROTECT_WITH_INDEX(R_NilValue, &first);
    try {
      SEXP value = code();
      UNPROTECT(1);
      return value;
    } catch (...) {
      failure = std::current_exception();
      PROTECT_WITH_INDEX(R_NilValue, &last);
      UNPROTECT(last - first + 1);
      return R_NilValue;
    }
  });
  if (failure) std::rethrow_exception(failure);
  return out;
}

// How large a value may be: options mmappickle.max_depth and mmappickle.max_repeated.
// R API: inside protect() only.
pickle::Limits value_limits();
// Throws the error of kind limit. `subject`: "The value is", "Cannot store x: it is".
[[noreturn]] void refuse_extent(pickle::Beyond beyond, const pickle::Limits& limits,
                                const std::string& subject);

// A key as users give it: one string (any encoding; taken as UTF-8) or a raw vector of
// its bytes. Error of kind key for anything else, NA included.
std::string key_of(SEXP key);

// How values are read and written, as the handle (or one call) says. Bits of the integer
// that R passes; R/flags.R has the same numbers.
struct Flags {
  bool reversed = false;     // 1: dims = "reversed"
  bool exact_int64 = false;  // 2: int64 = "integer64"
  bool raw_uint8 = false;    // 4: uint8 = "raw"
  bool simplify = true;      // 8
  bool fortran = false;      // 16: order = "F"
  // 32: trusted = TRUE; 64: trusted = FALSE
  metadata::Trust trust = metadata::Trust::usual;
  explicit Flags(int bits)
      : reversed(bits & 1),
        exact_int64(bits & 2),
        raw_uint8(bits & 4),
        simplify(bits & 8),
        fortran(bits & 16),
        trust(bits & 32   ? metadata::Trust::all
              : bits & 64 ? metadata::Trust::data
                          : metadata::Trust::usual) {}
  numpy::Choice choice() const { return {exact_int64, raw_uint8}; }
};

}  // namespace mmappickle
