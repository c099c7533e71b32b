// Python objects without a counterpart in R: stored as the pickle that they carry. R API:
// enters protect() itself.
#pragma once

#include "core/pickle/reader.h"
#include "core/pickle/writer.h"
#include "r/write/plan.h"

namespace mmappickle::write {

// All of one value: those that have the same pickle are one node.
class Objects {
 public:
  explicit Objects(Context& context) : context_(context) {}
  // `is_root`: x is the whole value, whose pickle is stored byte for byte.
  Plan plan(SEXP x, SEXP attributes, bool is_root);
  // Of a pickle, a raw vector that stays alive.
  pickle::Id node_of(SEXP raw) { return read(raw, false).node; }

 private:
  struct Object {
    pickle::Id node = pickle::kNoId;
    Bytes all, opcodes;  // its pickle, and the value's part of it
    pickle::Placement placement = pickle::Placement::nowhere;
    std::uint32_t memo = 0;
    bool comes_back = false;  // read again, it has this very pickle
  };

  const Object& read(SEXP raw, bool is_root);
  bool comes_back(const Object& object, bool is_root);

  Context& context_;
  std::unordered_map<SEXP, Object> objects_;  // by the raw vector
  std::unique_ptr<pickle::ManyWriter> writer_;
};

}  // namespace mmappickle::write
