// Scalars, simple sequences, and objects of Python's own classes.
#pragma once

#include <unordered_map>

#include "r/read/array.h"
#include "r/read/context.h"
#include "r/read/object.h"
#include "r/read/text.h"

namespace mmappickle {

// R API: inside protect(); not protected.
SEXP integer64_scalar(std::int64_t v);
SEXP plain_number(const pickle::Node& node);  // see plan::is_plain(); NULL for None

// All of R API: inside protect(). Results are not protected.
class VectorReader {
 public:
  VectorReader(ReadContext& context, plan::Planner& planner, TextReader& text,
               ArrayReader& arrays, ObjectReader& objects)
      : context_(context),
        planner_(planner),
        text_(text),
        arrays_(arrays),
        objects_(objects) {}

  SEXP scalar(const plan::Plan& plan);
  SEXP plain(pickle::Id id);  // see plan::is_plain()
  SEXP vector(const plan::Plan& plan, plan::Simple type);
  SEXP vector(const plan::Plan& plan, plan::Simple type, pickle::Id list);
  // An array of objects that are scalars, with dim of rank 2 and more. The items stand in
  // the order of the array (C's unless its strides say Fortran's).
  SEXP objects(const plan::Plan& plan);
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

  SEXP vector_of_items(const plan::Plan& plan, plan::Simple type);
  SEXP zoned(const plan::Plan& plan);
  SEXP moment(const python::Recognised& object);
  void find_moments();
  SEXP empty(plan::Simple type, R_xlen_t n);
  void set_strings(SEXP x, const plan::Plan& plan);
  void set_numbers(SEXP x, plan::Simple type);
  void set(SEXP x, R_xlen_t at, plan::Simple type, pickle::Id item, bool bytes);
  SEXP dressed(SEXP x, const plan::Plan& plan, plan::Simple type);

  ReadContext& context_;
  plan::Planner& planner_;
  TextReader& text_;
  ArrayReader& arrays_;
  ObjectReader& objects_;
  std::string digits_, zone_;
  numpy::Array turned_;
  std::vector<pickle::Id> items_, in_order_;  // of what is being made
  const char* units_ = "secs";                // of the differences that are being set
  std::vector<pickle::Id> levels_;
  std::vector<const python::Recognised*> zoned_;  // scalars
  std::unordered_map<const python::Recognised*, double> moments_;
};

}  // namespace mmappickle
