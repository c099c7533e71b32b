// Strings from text nodes.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/plan/planner.h"
#include "r/read/context.h"

namespace mmappickle {

// All of R API: inside protect(). Results are not protected.
class TextReader {
 public:
  TextReader(const ReadContext& context, const plan::Planner& planner)
      : tree_(context.tree), planner_(planner) {}

  // A CHARSXP, which the caller puts where it stays at once; NA for None and for what R
  // cannot hold. A long text that many refer to is made once.
  SEXP string(pickle::Id id);
  // The same, if it was made lately; else null.
  SEXP known(pickle::Id id) const {
    if (recent_.empty()) return nullptr;
    const Recent& recent = recent_[id & (recent_.size() - 1)];
    return recent.id == id ? recent.string : nullptr;
  }
  // `bytes`: a string in R's encoding "bytes".
  SEXP string(pickle::Id id, bool bytes);
  // Of a list of texts, in which pandas' missing values are NA.
  SEXP strings(pickle::Id list);
  // A CHARSXP of a text that R can hold; null for all else.
  SEXP plain(pickle::Id id);
  // The names of the list before, where this one has the very keys: in lists of dicts
  // most have. Null: it has others.
  SEXP last_names(const plan::Plans& plans, const plan::Plan& plan) const;
  void keep_names(const plan::Plan& plan, SEXP names);
  // R may change what has them in place.
  void forget_names() { SET_VECTOR_ELT(holder_, kNames, R_NilValue); }
  // What keeps all that alive, to be protected by the caller: a list of so many.
  static constexpr int kKept = 3;
  void keep_in(SEXP holder) { holder_ = holder; }

 private:
  SEXP recent(pickle::Id id);
  enum { kLong, kNames, kRecent };  // in holder_: a pairlist, names, strings

  const pickle::Tree& tree_;
  const plan::Planner& planner_;
  std::unordered_map<pickle::Id, SEXP> long_;
  // The nodes of the strings that were made last, each at a place that its number gives:
  // to look a text up among all of R's takes longer.
  struct Recent {
    pickle::Id id = pickle::kNoId;
    SEXP string = nullptr;  // in holder_, too
  };
  std::vector<Recent> recent_;  // a power of two
  SEXP holder_ = R_NilValue;
  std::uint32_t last_keys_ = 0, last_own_ = 0;  // of the last names, in Plans::keys
  std::string unescaped_;
};

}  // namespace mmappickle
