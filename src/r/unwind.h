// R's errors and C++'s.
//
// R reports errors by longjmp, which skips C++ destructors; C++ by exceptions, which R
// does not know. So: (1) R's API is called where it may jump only inside protect(), which
// turns the jump into an exception, Unwind; (2) an exported function (src/enter.h) turns
// that into the jump again, and the core's Error into an R condition, after all C++
// objects are gone; (3) ALTREP methods, which have no such wrapper, use shield() of
// r/view/access.h. A header says of a function "R API: inside protect()" where it may
// jump itself, "R API: enters protect() itself" where it may be called outside.
#pragma once

#ifndef R_NO_REMAP
#define R_NO_REMAP
#endif
#include <Rinternals.h>

#include <csetjmp>
#include <exception>

namespace mmappickle {

// A jump of R's on its way through C++. The token is preserved; R_ContinueUnwind() goes
// on with it.
struct Unwind {
  SEXP token;
};

namespace detail {

// What R_UnwindProtect() is given, preserved: to make one takes R as long as all else
// that it does there. One that saw a jump is not given back: whoever goes on with it
// releases it.
SEXP take_token();
void give_back(SEXP token);

template <class Code>
struct Region {
  Code& code;
  std::exception_ptr failure;

  static SEXP run(void* self) {
    auto* region = static_cast<Region*>(self);
    PROTECT_INDEX first, last;
    PROTECT_WITH_INDEX(R_NilValue, &first);
    try {
      SEXP value = region->code();
      UNPROTECT(1);
      return value;
    } catch (...) {
      region->failure = std::current_exception();
      PROTECT_WITH_INDEX(R_NilValue, &last);
      UNPROTECT(last - first + 1);
      return R_NilValue;
    }
  }
};

inline void jump_back(void* back, Rboolean jumping) {
  if (jumping) std::longjmp(*static_cast<std::jmp_buf*>(back), 1);
}

}  // namespace detail

// Runs code that mixes R's API and C++ exceptions, and gives its value, which is not
// protected. What is alive inside while R is called must be trivially destructible:
// longer-lived state belongs to an object outside. What an exception leaves protected is
// so no longer: R would do that only at its next error, and the call may be tried again
// before.
template <class Code>
SEXP protect(Code&& code) {
  detail::Region<Code> region{code, nullptr};
  std::jmp_buf back;
  SEXP const token = detail::take_token();
  if (setjmp(back)) throw Unwind{token};
  SEXP out = R_UnwindProtect(detail::Region<Code>::run, &region, detail::jump_back, &back,
                             token);
  detail::give_back(token);
  if (region.failure) std::rethrow_exception(region.failure);
  return out;
}

// Protects a value as long as it lives; strictly nested.
class Shield {
 public:
  explicit Shield(SEXP x) : x_(PROTECT(x)) {}
  ~Shield() { UNPROTECT(1); }
  Shield(const Shield&) = delete;
  operator SEXP() const { return x_; }  // NOLINT: it is that value

 private:
  SEXP x_;
};

// Keeps a value alive, in whatever order.
class Kept {
 public:
  Kept() = default;
  explicit Kept(SEXP x) { *this = x; }
  Kept(Kept&& other) noexcept : x_(other.x_) { other.x_ = R_NilValue; }
  ~Kept() {
    if (x_ != R_NilValue) R_ReleaseObject(x_);
  }
  Kept& operator=(SEXP x) {
    if (x != R_NilValue) R_PreserveObject(x);
    if (x_ != R_NilValue) R_ReleaseObject(x_);
    x_ = x;
    return *this;
  }
  operator SEXP() const { return x_; }  // NOLINT: it is that value

 private:
  SEXP x_ = R_NilValue;
};

}  // namespace mmappickle
