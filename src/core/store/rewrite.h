// Live entries on their way to a new file.
#pragma once

#include "../numpy/portable.h"
#include "appender.h"
#include "entry_form.h"
#include "layout.h"

namespace mmappickle::store {

// Parts of `bytes`, which are those of `file` from `begin` on, mapped, to be copied with
// the holes of the file; from memory alone if there is none. Both must live as long as
// the Sources.
numpy::SourceOf mapped_in(const os::File* file, Bytes bytes, std::uint64_t begin = 0);

// A value that takes `bytes` in a file may be written anew in so many: more would be a
// value whose parts are shared in a way that portable arrays cannot share them.
constexpr std::uint64_t portable_budget(std::uint64_t bytes) {
  return bytes > UINT64_MAX / 32 ? UINT64_MAX : 16 * bytes + (1 << 20);
}

// Whether a Rewriter at `at` would write for an entry just what stands there up to its
// end. With `upgrade`, which may leave it: then its key goes to `left`. `poll` as of
// Appender.
bool stands_as_written(const os::File* file, const Image& bytes, const Frame& frame,
                       std::uint64_t at, bool upgrade, bool keep_room,
                       std::vector<std::string>& left,
                       const std::function<void()>& poll = {});

class Rewriter {
 public:
  // Begins a file with a header of that commit number. Without `keep_room` growing arrays
  // lose the room that they have.
  Rewriter(Appender& out, std::int32_t number, bool keep_room = true);

  // An entry of an mmapdict as it stands there: with the length that `frame` has, and its
  // padding, or what else aligns its arrays, made anew. `bytes`: the whole file's.
  // `file`: null for what is in memory alone.
  void copy(const os::File* file, const Image& bytes, const Frame& frame);
  // The same, but that arrays become portable. False, with nothing written: the entry
  // cannot be read.
  bool upgrade(const os::File* file, const Image& bytes, const Frame& frame);
  // The stored value's value, live.
  void put(std::string_view key, const numpy::StoredValue& stored_value,
           ValueWriter& writer);
  // The terminator. Nothing comes after it.
  void finish();

 private:
  bool grow(const os::File* file, const Image& bytes, const Frame& frame);
  const bool keep_room_;
  Appender& out_;
};

}  // namespace mmappickle::store
