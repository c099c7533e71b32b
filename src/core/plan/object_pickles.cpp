#include "object_pickles.h"

#include "../base/error.h"

namespace mmappickle::plan {

bool ObjectPickles::write(pickle::Id id, bool inside) {
  std::uint64_t& left = left_[inside];
  opcodes_ = std::make_unique<Output>(0);
  why_.clear();
  pickle::Memo memo(1);  // as in an entry
  try {
    if (writer_.write(id, *opcodes_, memo, left)) {
      left -= opcodes_->size();
      return true;
    }
    left = 0;
  } catch (const Error& error) {
    why_ = error.message;
  }
  return false;
}

}  // namespace mmappickle::plan
