// Arrays of every dtype as views, vectors, data frames or lists.
#pragma once

#include <memory>
#include <string>

#include "core/base/stable.h"
#include "core/numpy/array.h"
#include "core/numpy/kernels.h"
#include "core/numpy/slice.h"
#include "r/read/context.h"
#include "r/read/text.h"
#include "r/view/view.h"

namespace mmappickle {

// All of R API: inside protect(). Results are not protected.
class ArrayReader {
 public:
  ArrayReader(ReadContext& context, TextReader& text) : context_(context), text_(text) {}

  // `type`: what R metadata say, which comes before the user's options.
  SEXP array(const numpy::Array& array, Bytes type);
  // `bare`: without the class that the dtype means.
  SEXP plain(const numpy::Array& array, const numpy::Choice& choice,
             View::Of of = View::Of::array, bool bare = false);
  // As integers: an ordinary vector.
  SEXP codes(const numpy::Array& array);
  // A raw vector; mapped where the bytes lie in the file.
  SEXP bytes(Bytes bytes);
  // A list, with dim of rank 2 and more. The items stand in the
  // order of the array (C's unless its strides say Fortran's).
  SEXP objects(const plan::Plan& plan, SEXP values);

 private:
  SEXP view(const numpy::Array& stored, const numpy::Array& array,
            const numpy::Target& target, View::Of of, bool mapped);
  SEXP copied(const numpy::Array& array, const numpy::Target& target, bool bare);
  SEXP raw_items(const numpy::Array& array);
  SEXP structured(const numpy::Array& array, int depth);
  bool rounds(const numpy::Array& array, numpy::RType type);
  void note_rounded();
  SEXP dressed(SEXP x, const numpy::Array& array, const numpy::Target& target, bool bare);

  // With destructors: here, where R's jumps do not skip them.
  ReadContext& context_;
  TextReader& text_;
  std::unique_ptr<View> pending_;  // on its way to make_view()
  std::vector<numpy::Axis> axes_;
  numpy::Array turned_, items_;
  Stable<numpy::Array> columns_;
  std::shared_ptr<const numpy::Array> whole_;  // of which these are
  std::string fields_;                         // of the structured arrays around
  std::string decoded_;
  bool rows_first_ = false;  // the columns of a data frame are not reversed
};

}  // namespace mmappickle
