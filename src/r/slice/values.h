// What a slice is to hold, taken from R before any lock.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/stable.h"
#include "core/numpy/kernels.h"
#include "core/numpy/values.h"
#include "core/os/file.h"
#include "core/store/layout.h"
#include "r/unwind.h"

namespace mmappickle {

// A vector, or (for the rows of a structured array) a list of these by name. Borrows x's
// memory, which the caller protects.
class SliceValues {
 public:
  // Error of kind value for what is neither.
  explicit SliceValues(SEXP x);
  SliceValues(const SliceValues&) = delete;

  // Error of kind value for a list.
  const numpy::RValues& vector() const;
  bool is_list() const { return is_list_; }
  // Null if there is none of that name.
  const SliceValues* column(const std::string& name) const;

  // Values that share bytes with that entry of that file (views of it, through whatever
  // handle or path) are copied: what is written would change what is yet to be read.
  void detach(const os::Identity& file, const store::Frame& entry);

 private:
  SEXP x_;
  bool is_list_ = false;
  numpy::RValues values_;
  std::vector<Bytes> strings_;
  Stable<std::string> kept_;
  std::vector<std::uint8_t> copy_;
  std::vector<std::pair<std::string, std::unique_ptr<SliceValues>>> columns_;
};

}  // namespace mmappickle
