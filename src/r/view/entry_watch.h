// Whether an entry's bytes still stand where they were read.
//
// The Python library's vacuum moves entries down inside the file, under whatever maps it.
// It writes in ascending order, so an entry's head goes before its data: as long as the
// head is there, what was read behind it was right. At its end it sets the commit number
// back, which tells of an entry that was replaced by one of the same key and size in the
// same place. (This package moves nothing: its vacuum makes a new file.)
#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include "core/numpy/items.h"
#include "core/store/store.h"
#include "r/view/watch.h"

namespace mmappickle {

class EntryWatch final : public Watch {
 public:
  // Of the entry that was loaded; null for what is no entry of a mapped file.
  static std::shared_ptr<const EntryWatch> of(const store::Loaded& loaded);
  ~EntryWatch() override;
  EntryWatch(const EntryWatch&) = delete;

  // False once the bytes are gone: moved, or cut off. One load as long as no key of the
  // file was changed.
  bool is_current() const override {
    return !is_damaged() && (number() == seen_ || head_is_current());
  }
  // The same, and that the entry is live.
  bool is_live() const;

  const char* what_happened() const override;
  const char* what_to_do() const override;
  const char* what_to_do_if_cut() const override;
  const EntryWatch* entry() const override { return this; }

  const store::Frame& frame() const { return frame_; }
  std::int32_t first_number() const { return first_; }
  const os::Mapping& mapping() const { return *mapping_; }

  // Where the entries of that file begin that watches are alive of.
  static std::unordered_set<std::uint64_t> places_in(const os::Identity& file);

 private:
  bool look() const override;
  explicit EntryWatch(const store::Loaded& loaded);
  std::int32_t number() const {
    return static_cast<std::int32_t>(in_order(load_native<std::uint32_t>(number_at_)));
  }
  // From the file's order of bytes to the host's, or back.
  static std::uint32_t in_order(std::uint32_t bits) {
    return numpy::kHostIsBigEndian ? numpy::swap_bytes(bits) : bits;
  }
  bool head_is_current() const;

  bool is_damaged() const {
    return mapping_->damaged() || witness_.header->damaged() ||
           witness_.head->damaged() || witness_.tail->damaged();
  }

  const store::Loaded::Witness witness_;
  const std::uint8_t* const number_at_;
  const std::shared_ptr<os::Mapping> mapping_;  // of the values, if they are mapped
  const store::Frame frame_;
  const std::string head_;  // frame, length and key
  const std::int32_t first_;
  mutable std::int32_t seen_;  // the commit number at which the head stood last
};

}  // namespace mmappickle
