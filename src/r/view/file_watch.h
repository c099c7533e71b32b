// Whether a file that follows no protocol still has the content that was read.
//
// Who writes a plain pickle anew does it in place (Python's open(path, "wb") does), so
// the file itself is asked, through a descriptor of its own: size and times. A change
// that does not reach the content (a rename over its path, a link more or less) is told
// by the number of links.
#pragma once

#include <memory>

#include "core/os/map.h"
#include "r/view/watch.h"

namespace mmappickle {

class FileWatch : public Watch {
 public:
  // Of a file of that size, which is read from now on. Waits, some milliseconds at most,
  // until a later change must have a later time, then takes the file. Null if it is being
  // changed, or so many are watched that descriptors might run out: what is read is to be
  // copied then.
  static std::shared_ptr<const FileWatch> of(os::File& file, std::uint64_t size);
  ~FileWatch() override;
  FileWatch(const FileWatch&) = delete;

  bool is_current() const override;
  const char* what_happened() const override;
  const char* what_to_do() const override;
  const char* what_to_do_if_cut() const override { return what_to_do(); }
  const os::File* file() const override { return &file_; }

 private:
  bool look() const override;
  FileWatch(os::File file, const os::Status& status);
  const os::File file_;
  mutable os::Status seen_;
  mutable std::int64_t looked_ = -1;  // when, in ticks
  mutable bool changed_ = false;
};

}  // namespace mmappickle
