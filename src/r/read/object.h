// Inert objects: what they show, how they can be stored again, and what the user's
// readers make of them.
#pragma once

#include <optional>
#include <string>

#include "core/plan/object_pickles.h"
#include "r/read/context.h"

namespace mmappickle {

// A python_object without parts of its own; `state`: R_NilValue for none. R API: inside
// protect(). The result is not protected.
SEXP inert_object(Bytes class_name, const char* how, SEXP state);
inline SEXP inert_object(const char* class_name, const char* how, SEXP state) {
  return inert_object(Bytes(std::string_view(class_name)), how, state);
}

// All of R API: inside protect(). Results are not protected.
class ObjectReader {
 public:
  ObjectReader(const ReadContext& context, SEXP readers)
      : context_(context),
        readers_(readers),
        pickles_(context.tree, context.loaded.bytes),
        kept_(context.tree, context.loaded.bytes) {}

  // The class, a function or the like, by its name.
  SEXP global(pickle::Id id);
  SEXP object(const plan::Plan& plan, SEXP values);
  // What write/ stores, if `value` is a python_object: attribute "pickle", or
  // "unstorable", which says why there is none.
  void add_pickle(const plan::Plan& plan, SEXP value);
  // `value`, which the caller protects, with what it is in Python (r/kept.h), if that can
  // be stored again.
  SEXP keep(const plan::Plan& plan, SEXP value);
  // What the reader for its class makes of a python_object, the user's or the package's;
  // else `value`, which the caller protects. Runs the user's code.
  SEXP call_reader(SEXP value);

 private:
  SEXP pickle_of(const plan::Plan& plan, plan::ObjectPickles& pickles);
  void pickle_array(const numpy::Array& array);

  const ReadContext& context_;
  SEXP readers_;
  plan::ObjectPickles pickles_;
  plan::ObjectPickles kept_;  // of vectors: they take nothing from the objects' budget
  std::string text_;
  std::optional<Output> made_;  // by pickle_array()
};

}  // namespace mmappickle
