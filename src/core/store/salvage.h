// Where a damaged file goes on: what stands behind a broken place.
#pragma once

#include <functional>
#include <map>

#include "../base/bytes.h"
#include "layout.h"

namespace mmappickle::store {

// Finds whole entries behind places where the walk over the frames ends. Linear in the
// file's size, whatever stands there: all looking is paid from a budget, and when that is
// spent nothing more is found.
class Salvage {
 public:
  Salvage(Bytes file, const std::function<void()>& poll);

  // An entry whose frame alone is damaged: its head stands at `at`, its opcodes lead to a
  // tail that another frame, a terminator or the end of the file follows. False if not.
  bool measure(std::uint64_t at, Frame& frame);

  // The first place behind `at` where the file can be read again: a whole entry whose
  // value can be read and from where the frames lead to the file's end, or to another
  // broken place. Entries that lead to a terminator in the midst of the file are part of
  // some value: a file inside the file. The file's size if there is none.
  std::uint64_t next_whole(std::uint64_t at);

 private:
  bool spend(std::uint64_t work);
  bool is_whole(const Frame& frame);
  bool leads_on(const Frame& frame);

  const Bytes file_;
  const std::function<void()>& poll_;
  std::uint64_t budget_;
  // Of frames that were walked over: whether they lead on.
  std::map<std::uint64_t, bool> seen_;
};

}  // namespace mmappickle::store
