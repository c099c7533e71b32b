// Entries that are arrays, for what works on their elements in place: slices, mmarray,
// nested assignment.
#pragma once

#include "core/numpy/fetch.h"
#include "core/store/store.h"
#include "r/options.h"

namespace mmappickle {

// The array of an entry, axes as the user sees them (reversed or not; rank 0 as one
// axis of one element; of V the bytes of the items), and whether it has one: an array
// entry, or any other value that is a NumPy array of no objects whose bytes lie in the
// file.
struct ArrayOf {
  bool is_array = false;
  bool is_records = false;  // structured, of rank 1: `stored` alone says what it is
  // R metadata make more of the elements than their dtype says (dates that are integers,
  // differences in another unit): slices are taken of the value as it is read whole.
  bool is_dressed = false;
  numpy::Array stored;  // as the file has it
  numpy::Array array;
  numpy::Target target;
  numpy::Place place;  // of both
};
// Of what Reading::look() or load() gave.
ArrayOf array_of(store::Loaded& loaded, const Flags& flags);
// `rows` rows behind the last of a growing array, in its room: `array` is what array_of()
// gave, and has at least one axis.
ArrayOf rows_behind(const ArrayOf& array, const numpy::Growth& growth, std::uint64_t rows,
                    const Flags& flags);
// `stored` and `place` alone, of structured arrays, too: what others map who know NumPy's
// dtypes. False, if there is no array.
bool find_array(store::Loaded& loaded, ArrayOf& out);

// What is read from the file by this session, of the entry's array; in memory where the
// file is mapped.
class SessionFile : public Source {
 public:
  SessionFile(const store::Reading& reading, const store::Frame& entry)
      : reading_(reading), entry_(entry) {}
  std::uint64_t size() const override { return reading_.file_size(); }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    reading_.file().read_at(offset, to, n);
  }
  Bytes in_memory() const override {
    if (!map_) map_ = reading_.map_to_read(entry_);
    return map_ ? Bytes(map_->data(), size()) : Bytes();
  }
  // After reading. Error of kind stale where the file was cut meanwhile.
  void check() const;

 private:
  const store::Reading& reading_;
  const store::Frame entry_;
  mutable std::shared_ptr<const os::Mapping> map_;
};

// Error of kind index: the entry is no array.
[[noreturn]] void not_an_array(const std::string& key, const store::Loaded& loaded);

}  // namespace mmappickle
