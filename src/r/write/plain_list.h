// Lists of plain values, and of such lists: what records and rows are made of. They need
// no steps of the walk.
#pragma once

#include "core/pickle/extent.h"
#include "r/write/context.h"

namespace mmappickle::write {

class PlainLists {
 public:
  explicit PlainLists(Context& context) : context_(context) {}

  // How large it is, if it is a list without attributes but names that are keys, and in
  // it there are only others like it and values that encode_plain_scalar() takes, no list
  // twice. Then nothing of it can fail. False: the walk goes on with it.
  bool measure(SEXP x, pickle::Extent& extent, unsigned level = 0) const;
  // Of what was measured.
  Encoded encode(SEXP x);

 private:
  bool is_vector(SEXP x, pickle::Id list) const;

  Context& context_;
  std::vector<pickle::Id> items_;  // of the lists that are being made
};

}  // namespace mmappickle::write
