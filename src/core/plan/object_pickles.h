// What an inert object carries so that it can be stored again.
#pragma once

#include <memory>
#include <string>

#include "../pickle/writer.h"

namespace mmappickle::plan {

// Pickles of single nodes. All of one value together take memory and time that are linear
// in the value's bytes: nodes that many objects share, and objects in objects, would
// else be written again and again.
class ObjectPickles {
 public:
  ObjectPickles(const pickle::Tree& tree, std::uint64_t bytes)
      : writer_(tree), left_{16 * bytes + kFree, 16 * bytes + kFree} {}

  // False: there is none. Then why() says why the node cannot be pickled, or is empty if
  // it would take too much. `inside`: of an object that is a part of another one.
  bool write(pickle::Id id, bool inside);
  // The node's opcodes; PROTO and STOP are still to be put around them.
  const Output& opcodes() const { return *opcodes_; }
  const std::string& why() const { return why_; }

 private:
  static constexpr std::uint64_t kFree = 1 << 20;
  pickle::ManyWriter writer_;
  std::uint64_t left_[2];
  std::unique_ptr<Output> opcodes_;
  std::string why_;
};

}  // namespace mmappickle::plan
