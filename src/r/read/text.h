// Strings from text nodes.
#pragma once

#include <string>
#include <unordered_map>

#include "core/plan/planner.h"
#include "r/read/context.h"

namespace mmappickle {

// All of R API: inside protect(). Results are not protected, but those of string().
class TextReader {
 public:
  TextReader(const ReadContext& context, const plan::Planner& planner)
      : tree_(context.tree), planner_(planner) {}

  // A CHARSXP; NA for None and for what R cannot hold. A long text that many refer to is
  // made once, and stays.
  SEXP string(pickle::Id id);
  // `bytes`: a string in R's encoding "bytes".
  SEXP string(pickle::Id id, bool bytes);
  // Of a list of texts, in which pandas' missing values are NA.
  SEXP strings(pickle::Id list);
  // What keeps the long ones alive, to be protected by the caller: a list of one.
  void keep_in(SEXP holder) { holder_ = holder; }

 private:
  const pickle::Tree& tree_;
  const plan::Planner& planner_;
  std::unordered_map<pickle::Id, SEXP> long_;
  SEXP holder_ = R_NilValue;
  std::string unescaped_;
};

}  // namespace mmappickle
