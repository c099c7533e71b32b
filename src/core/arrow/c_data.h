// The Arrow C data interface: what one array is, as all libraries of Arrow in a process
// agree on (https://arrow.apache.org/docs/format/CDataInterface.html).
#pragma once

#include <cstdint>

extern "C" {

struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  // Called once by whoever holds the array last, in whatever thread; null afterwards.
  void (*release)(struct ArrowArray*);
  void* private_data;
};

}  // extern "C"
