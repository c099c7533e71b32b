// Lists of plain values, and of such lists: what records and rows are made of. They need
// no steps of the walk.
#pragma once

#include "core/pickle/extent.h"
#include "r/write/context.h"

namespace mmappickle::write {

class PlainLists {
 public:
  explicit PlainLists(Context& context) : context_(context) {}

  // All at once what is a list without attributes but names that are keys, in which there
  // are only others like it and values that encode_plain_scalar() takes, no list twice:
  // nothing of it can fail. Adds to `opened` what is in it. False, and nothing done: the
  // walk goes on with it, and says where it is too large. `around`: containers around it.
  bool encode(SEXP x, const pickle::Limits& limits, std::size_t around, double& opened,
              Encoded& out, pickle::Extent& extent);

 private:
  bool measure(SEXP x, pickle::Extent& extent, unsigned level) const;
  Encoded encode(SEXP x);
  bool is_vector(SEXP x, pickle::Id list) const;

  Context& context_;
  std::vector<pickle::Id> items_;  // of the lists that are being made
};

}  // namespace mmappickle::write
