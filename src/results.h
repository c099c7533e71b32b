// What exported functions on a handle give back.
#pragma once

#include "enter.h"
#include "r/handle.h"

namespace mmappickle {

// `value`, after the warnings of the call and those that sessions left on the handle.
inline SEXP with_warnings(Handle& handle, SEXP value, Warnings warnings = {}) {
  Shield kept(value);
  warnings.insert(warnings.end(), handle.warnings.begin(), handle.warnings.end());
  handle.warnings.clear();
  raise_warnings(warnings);
  return value;
}

inline SEXP number(double x) {
  return protect([&] { return Rf_ScalarReal(x); });
}

inline SEXP flag(bool x) {
  return protect([&] { return Rf_ScalarLogical(x); });
}

}  // namespace mmappickle
