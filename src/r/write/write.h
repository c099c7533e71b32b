// From R to what a file is to hold.
//
//     R value > stored value > laid-out bytes > file
//
// This room does the first step: an R value becomes a tree and arrays
// (numpy/stored_value.h). walk.h goes through the value; each kind of value has a header
// of its own, which says what its parts are and how it is made of them (plan.h);
// context.h is what all of them get. None of them knows where the walk is but through
// that.
#pragma once

#include "core/base/error.h"
#include "core/numpy/stored_value.h"
#include "r/error.h"
#include "r/options.h"
#include "r/origin.h"
#include "r/unwind.h"

namespace mmappickle {

// What a value is called in errors: m[["key"]] or, of a call, its argument. It must
// outlive this.
class Called {
 public:
  Called(const std::string& key) : key_(&key) {}         // NOLINT: converts
  Called(const char* argument) : argument_(argument) {}  // NOLINT: converts
  std::string name() const { return key_ ? in_r(*key_) : argument_; }
  // An argument's name stands for nothing of the user's.
  std::string whole() const { return key_ ? in_r(*key_) : "the value"; }

 private:
  const std::string* key_ = nullptr;
  const char* argument_ = nullptr;
};

// What stores x. Borrows x's memory: x must stay protected until the stored value is
// written. Error `unsupported` or `value` names the path inside x ("m$x$a[[2]]").
// Attributes that cannot be stored are left out, with a warning of kind `dropped`.
// `origin` (may be null) is used up. R API: enters protect() itself; runs R code (methods
// of as_python()), so that no lock may be held.
numpy::StoredValue encode(SEXP x, const Flags& flags, Warnings& warnings,
                          const Called& called, Origin* origin = nullptr);

}  // namespace mmappickle
