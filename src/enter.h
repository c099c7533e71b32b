// The body of an exported function.
#pragma once

#include <Rcpp.h>

#include <new>

#include "core/base/error.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/unwind.h"
#include "r/view/pending.h"

namespace mmappickle {

// Lets R's jumps out.
template <class Body>
SEXP let_jump(Body&& body) {
  try {
    return body();
  } catch (const Unwind& jump) {
    throw Rcpp::LongjumpException(jump.token);
  }
}

// Gives the R value of `body`, and R's conditions for what it throws.
template <class Body>
SEXP enter(Body&& body) {
  return let_jump([&]() -> SEXP {
    try {
      Callback::refuse_calls();
      Shield value(body());
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
  });
}

}  // namespace mmappickle
