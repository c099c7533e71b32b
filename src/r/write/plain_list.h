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
  bool measure(SEXP x, pickle::Extent& extent, unsigned level);
  Encoded encode(SEXP x);
  bool is_vector(SEXP x, pickle::Id list) const;
  bool are_last(SEXP names) const;
  const std::vector<pickle::Id>& keys_of(SEXP names);

  Context& context_;
  // Of the lists in the order in which they are met; R_NilValue: it has none.
  std::vector<SEXP> names_;
  std::size_t next_ = 0;           // of names_, that encode() asks for
  std::vector<pickle::Id> items_;  // of the lists that are being made
  // Of the names before: lists of records have the same, one after the other. (What is
  // written stays alive, as Context::nodes has it.)
  SEXP last_names_ = nullptr;
  std::vector<SEXP> last_texts_;
  std::vector<pickle::Id> last_keys_;
};

}  // namespace mmappickle::write
