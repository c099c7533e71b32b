// Runs of a slice on their way to the file.
#pragma once

#include "core/store/store.h"
#include "r/interrupt.h"
#include "r/progress.h"

namespace mmappickle {

// Takes what scatter() gives; `all`: bytes that are to be written. Throws Interrupted.
class SliceWriter {
 public:
  SliceWriter(store::Writing& writing, double all) : writing_(writing), all_(all) {}

  void operator()(const Runs& runs) {
    std::uint64_t bytes = 0, pieces = 0;
    for (std::size_t i = 0; i < runs.count; ++i) {
      bytes += runs.begin[i].bytes();
      pieces += runs.begin[i].count;
    }
    note_progress((done_ += static_cast<double>(bytes)) / all_);
    poll_.after(bytes + 256 * pieces);  // a short one takes as long as that
    writing_.overwrite(runs);
  }

 private:
  store::Writing& writing_;
  double all_, done_ = 0;
  InterruptPoll poll_;
};

}  // namespace mmappickle
