// pandas' objects in R. What they are, core/pandas says; R/pandas.R puts together what
// R's own functions make best.
#pragma once

#include <string>

#include "r/read/array.h"
#include "r/read/context.h"
#include "r/read/text.h"
#include "r/read/vector.h"

namespace mmappickle {

// All of R API: inside protect(). Results are not protected.
class PandasReader {
 public:
  PandasReader(ReadContext& context, TextReader& text, ArrayReader& arrays,
               VectorReader& vectors)
      : context_(context), text_(text), arrays_(arrays), vectors_(vectors) {}

  SEXP value(const plan::Plan& plan, SEXP values);

 private:
  SEXP natural(const plan::Plan& plan, const pandas::Object& v, SEXP values);
  SEXP vector(const pandas::Object& v);
  SEXP range(const pandas::Object& v);
  SEXP time(const pandas::Object& v);
  SEXP levels(const plan::Plan& plan, const pandas::Object& v, SEXP values);
  SEXP frame(const plan::Plan& plan, const pandas::Object& v, SEXP values);
  SEXP numbered(std::uint64_t n);
  SEXP indexed(SEXP out, const pandas::Object& v, SEXP index, SEXP name, SEXP index_name);
  void set_labels(SEXP out, const pandas::Object& v);
  SEXP label_texts(const pandas::Object& v);
  void note_objects(SEXP frame);

  ReadContext& context_;
  TextReader& text_;
  ArrayReader& arrays_;
  VectorReader& vectors_;
  std::string column_;
};

}  // namespace mmappickle
