// Scalars, simple sequences, and objects of Python's own classes.
#pragma once

#include "r/read/array.h"
#include "r/read/context.h"
#include "r/read/object.h"
#include "r/read/text.h"

namespace mmappickle {

SEXP integer64_scalar(std::int64_t v);  // R API: inside protect(); not protected

// All of R API: inside protect(). Results are not protected.
class VectorReader {
 public:
  VectorReader(ReadContext& context, TextReader& text, ArrayReader& arrays,
               ObjectReader& objects)
      : context_(context), text_(text), arrays_(arrays), objects_(objects) {}

  SEXP scalar(const plan::Plan& plan);
  SEXP vector(const plan::Plan& plan, plan::Simple type);
  SEXP python(const python::Recognised& object);
  // R's codes, if each names the level that stands in the Python list; else the strings.
  SEXP factor(const plan::Plan& plan, SEXP codes);

 private:
  SEXP none(Bytes type);
  SEXP integer(const pickle::Node& node, bool as_integer64);
  SEXP big_integer(pickle::Id id);
  SEXP text(pickle::Id id);
  SEXP named(const plan::Plan& plan, const metadata::Members& members);
  bool are_levels(const plan::Plan& plan, SEXP codes);
  void note_misfit() { context_.metadata_fits = false; }

  ReadContext& context_;
  TextReader& text_;
  ArrayReader& arrays_;
  ObjectReader& objects_;
  std::string digits_, zone_;
  std::vector<pickle::Id> levels_;
};

}  // namespace mmappickle
