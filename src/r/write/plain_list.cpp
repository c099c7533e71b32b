#include "r/write/plain_list.h"

#include "core/base/utf8.h"
#include "core/plan/simplify.h"
#include "r/call.h"
#include "r/vector.h"
#include "r/write/kept.h"
#include "r/write/list.h"
#include "r/write/text.h"
#include "r/write/vector.h"

namespace mmappickle::write {

using pickle::Extent;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;

namespace {

// Lists in lists: recursion is for few. What turns out not to be plain is measured again
// by each list around it.
constexpr unsigned kMostLevels = 8;

// One that encode_plain_scalar() takes and that is no error: text may be one.
bool is_plain_value(SEXP x) {
  if (!is_plain_scalar(x)) return false;
  if (TYPEOF(x) != STRSXP) return true;
  SEXP text = string_elt(x, 0);
  return is_ascii(
      Bytes(std::string_view(CHAR(text), static_cast<std::size_t>(LENGTH(text)))));
}

// Of a vector that many places have, the walk makes one.
bool is_few_kept(SEXP x) {
  constexpr R_xlen_t kFew = 16;
  return ALTREP(x) && is_kept_sequence(x) && XLENGTH(x) <= kFew && TYPEOF(x) != STRSXP;
}

}  // namespace

bool PlainLists::encode(SEXP x, const pickle::Limits& limits, std::size_t around,
                        double& opened, Encoded& out, Extent& extent) {
  Extent whole;
  names_.clear();
  if (!measure(x, whole, 0)) return false;
  const double more = opened + whole.leaves - 1;
  if (beyond(limits, static_cast<double>(around), whole, more) !=
      pickle::Beyond::nothing) {
    return false;
  }
  opened = more;
  extent = whole;
  next_ = 0;
  out = encode(x);
  return true;
}

bool PlainLists::are_last(SEXP names) const {
  if (names == last_names_) return true;
  const auto n = static_cast<R_xlen_t>(last_texts_.size());
  if (XLENGTH(names) != n) return false;
  for (R_xlen_t i = 0; i < n; ++i) {
    if (string_elt(names, i) != last_texts_[static_cast<std::size_t>(i)]) return false;
  }
  return true;
}

const std::vector<Id>& PlainLists::keys_of(SEXP names) {
  if (are_last(names)) return last_keys_;
  last_names_ = nullptr;
  last_texts_.clear();
  last_keys_.clear();
  for (R_xlen_t i = 0; i < XLENGTH(names); ++i) {
    last_keys_.push_back(text_of(context_, string_elt(names, i)));
  }
  for (R_xlen_t i = 0; i < XLENGTH(names); ++i) {
    last_texts_.push_back(string_elt(names, i));
  }
  last_names_ = names;
  return last_keys_;
}

bool PlainLists::measure(SEXP x, Extent& extent, unsigned level) {
  if (level == kMostLevels || TYPEOF(x) != VECSXP || ALTREP(x) || Rf_isObject(x) ||
      Rf_isS4(x) || MAYBE_SHARED(x)) {
    return false;
  }
  const R_xlen_t attributes = attribute_count(x);
  SEXP names = attributes == 1 ? Rf_getAttrib(x, R_NamesSymbol) : R_NilValue;
  if (attributes != 0 &&
      (TYPEOF(names) != STRSXP || ALTREP(names) || attribute_count(names) != 0 ||
       !(are_last(names) || are_few_keys(names)))) {
    return false;
  }
  names_.push_back(names);
  extent = Extent::container();
  const R_xlen_t n = XLENGTH(x);
  for (R_xlen_t i = 0; i < n; ++i) {
    context_.tree.poll();
    SEXP item = vector_elt(x, i);
    Extent part;
    if (!is_plain_value(item) && !is_few_kept(item) && !measure(item, part, level + 1)) {
      return false;
    }
    extent.add(part);
  }
  return n != 0;
}

// Whether the list would be read as a vector, which it is not.
bool PlainLists::is_vector(SEXP x, Id list) const {
  const R_xlen_t n = XLENGTH(x);
  const auto kind = [&](R_xlen_t i) {  // ints and floats mix
    const auto type = TYPEOF(vector_elt(x, i));
    return type == INTSXP ? REALSXP : type;
  };
  for (R_xlen_t i = 0; i < n; ++i) {
    SEXP item = vector_elt(x, i);
    if (TYPEOF(item) == VECSXP || ALTREP(item)) return false;
    const bool missing =
        item == R_NilValue || (TYPEOF(item) == REALSXP &&
                               ISNAN(*static_cast<const double*>(read_pointer(item))));
    if (missing) {  // the rule for these
      return plan::simplified(context_.tree, list, has_bit64()) != plan::Simple::no;
    }
  }
  for (R_xlen_t i = 1; i < n; ++i) {
    if (kind(i) != kind(0)) return false;
  }
  return true;
}

Encoded PlainLists::encode(SEXP x) {
  SEXP names = names_[next_++];
  const auto n = static_cast<std::size_t>(XLENGTH(x));
  const std::size_t from = items_.size(), width = names == R_NilValue ? 1 : 2;
  items_.resize(from + width * n);
  if (width == 2) {
    const std::vector<Id>& keys = keys_of(names);
    for (std::size_t i = 0; i < n; ++i) items_[from + 2 * i] = keys[i];
  }
  metadata::NewMembers members;
  for (std::size_t i = 0; i < n; ++i) {
    context_.tree.poll();
    SEXP item = vector_elt(x, static_cast<R_xlen_t>(i));
    Encoded part;
    if (TYPEOF(item) == VECSXP) {
      part = encode(item);
    } else if (ALTREP(item)) {
      part = encode_kept_sequence(context_, item);
    } else {
      part.value = plain_scalar(context_, item);
    }
    items_[from + width * i + width - 1] = part.value;
    if (part.metadata != kNoId) members.children.push_back({i, part.metadata});
  }
  Encoded out;
  out.value = context_.tree.container(width == 1 ? Tag::list : Tag::dict);
  context_.tree.append(out.value, items_.data() + from, width * n);
  items_.resize(from);
  if (width == 1 && is_vector(x, out.value)) out.type = "list";
  members.type = out.type;
  if (out.type || !members.children.empty()) {
    out.metadata = context_.metadata.write(members);
  }
  return out;
}

}  // namespace mmappickle::write
