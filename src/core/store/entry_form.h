// A whole new entry, with its padding where it holds an array: frame, key, value, R
// metadata, tail.
#pragma once

#include <string_view>

#include "../base/output.h"
#include "../numpy/stored_value.h"
#include "../pickle/writer.h"

namespace mmappickle::store {

struct NewEntry {
  std::uint64_t padding = 0;  // bytes of the padding entry in front, or 0
  std::uint64_t at = 0;       // of the entry's frame
  std::uint64_t length = 0;
  std::uint64_t state_at = 0;
};

// Writes values of a stored value's tree, arrays as they stand inside of values: as many
// values as are wanted, in time linear in what is written.
class ValueWriter {
 public:
  explicit ValueWriter(const numpy::StoredValue& stored_value);
  ValueWriter(const ValueWriter&) = delete;
  void write(pickle::Id value, Output& output, pickle::Memo& memo);

 private:
  Output* output_ = nullptr;
  pickle::ManyWriter writer_;
};

// The stored value's value alone; then what may stand behind a value. Entries and whole
// pickles (plain.h) have both.
void write_value(Output& output, const numpy::StoredValue& stored_value,
                 pickle::Memo& memo, ValueWriter& writer);
void write_metadata(Output& output, const numpy::StoredValue& stored_value,
                    pickle::Memo& memo, ValueWriter& writer);
// The same where metadata must stand, an empty dict if there are none, with a filling of
// so many bytes (0, or 3 and more) that is pushed and popped: room for others.
void write_roomy_metadata(Output& output, const numpy::StoredValue& stored_value,
                          pickle::Memo& memo, ValueWriter& writer, std::uint64_t filling);

// What stands around an entry's key and value: FRAME, with a length that the end fills
// in; the slots of the memo that were used, and the state. `begin`: of its padding.
NewEntry begin_entry(Output& output, std::uint64_t begin);
void end_entry(Output& output, NewEntry& entry, std::uint32_t memo, std::uint8_t state);

// In the dead state. The output's first 11 bytes are FRAME, length, SHORT_BINUNICODE and
// a key's size: what the commit writes over the terminator.
NewEntry write_entry(Output& output, std::string_view key,
                     const numpy::StoredValue& stored_value);
// The same for one of many values of the stored value's tree: it is the stored value's
// value now.
NewEntry write_entry(Output& output, std::string_view key,
                     const numpy::StoredValue& stored_value, ValueWriter& writer);

}  // namespace mmappickle::store
