// The forms in which arrays stand in files: FORMAT vignette, "Array entries". Reads the
// Python library's form and the portable one; writes the portable one.
#pragma once

#include "../base/image.h"
#include "../base/output.h"
#include "../pickle/writer.h"
#include "stored_value.h"

namespace mmappickle::numpy {

// -- reading ------------------------------------------------------------------------
// A growing array: its bytes hold more than its shape takes, and its first extent stands
// in four bytes, which are all that changes when rows are added.
struct Growth {
  bool grows = false;
  std::uint64_t length = 0;                       // the first extent
  std::uint64_t data_at = 0, mask_at = 0;         // as in ArrayEntry; mask 0: not masked
  std::uint64_t capacity = 0, mask_capacity = 0;  // bytes, room and all
  std::uint64_t length_at = 0;       // where the length stands that counts, int32
  std::uint64_t head_length_at = 0;  // and that for the Python library's map; 0: no head
  bool behind = false;               // the latter is another: an append was interrupted

  // Most rows that there is room for, of an array that has this shape.
  std::uint64_t most_rows(const Dtype& dtype, const Shape& shape) const;
  // False if the length could be torn when it is written: an entry that was moved.
  bool is_atomic() const;
};
// Of a growing array that the Python library does not map (masked, structured): what its
// opcodes say, up to the length. Whether they make an array, the value's tree tells.
bool read_growth(const Image& body, Growth& growth);

// `body`: an entry from its key's opcode up to its memo max. What the head of an array
// entry says, in O(1) of the data's size.
struct ArrayEntry {
  bool portable = false;  // written by this package, with a trailer
  // The Python library does not look at the opcodes that make the array of its parts, nor
  // does this; false if they are others, at which an unpickler may fail.
  bool whole = true;
  Array array;  // its data null where the image is not in memory
  std::uint64_t data_at = 0, mask_at = 0;  // of its first bytes: Image::at()
  Growth growth;
  std::uint64_t key_at = 0;  // portable: of the key's opcode in the trailer; Image::at()
  Bytes metadata;  // opcodes of the R metadata value (text .. POP), empty if none
};
enum class HeadKind {
  none,     // no array entry: to be read as any value
  array,    // `entry` is filled in
  damaged,  // looks like one; `problem` says what does not fit
};
HeadKind read_array_entry(const Image& body, ArrayEntry& entry, std::string& problem);

// The size of the head, if a value begins as array entries do (in whatever form: the head
// is the same), or 0. What follows it is the data.
std::uint64_t array_head(const Image& value);

// -- writing ------------------------------------------------------------------------
// True if the array gets a head that the Python library maps: not structured or object,
// no dimension of 2^31 or more, dtype's name below 256 bytes, and not both masked and
// growing (its length would stand in the head twice, and change by two writes).
bool has_head(const NewArray& array);

// Bytes of the entry behind its frame opcode that the padding's BINBYTES8 swallows: L.
std::uint64_t swallowed_size(std::uint64_t key_size, const NewArray& array);

// The padding entry (whole, with its frame) that makes the data of the entry behind it
// begin at a multiple of 64.
void write_padding(Output& output, std::uint64_t key_size, const NewArray& array);
// If `body` (the whole inside of a frame: the L of a padding stands where other entries
// have memo max and state) is a padding: its L.
bool is_padding(Image body, std::uint64_t& swallowed);

// An entry's inside from its key's opcode up to (not with) metadata and memo max. Only
// for arrays that has_head() and keys of at most 255 bytes, behind their padding; `memo`
// is new. All others are written as nested arrays are. `write_fill` writes the node of a
// fill value.
void write_array_entry(Output& output, std::string_view key, const NewArray& array,
                       pickle::Memo& memo,
                       const std::function<void(pickle::Id)>& write_fill = nullptr);

// The same for a growing array that has no head: from the key on.
void write_growing_entry(Output& output, std::string_view key, const NewArray& array,
                         pickle::Memo& memo,
                         const std::function<void(pickle::Id)>& write_fill = nullptr);

// An array inside another value (pickle::WriteArray): array() with its bytes in place,
// aligned to 64 by a filling that is pushed and popped. Leaves one object. Uses no memo
// slot of its own. Between head and tail stands the node inside: the list of an object
// array, or a fill value; kNoId if there is none.
pickle::Id node_inside(const NewArray& array);
void write_nested_head(Output& output, const NewArray& array);
void write_nested_tail(Output& output, const NewArray& array);

}  // namespace mmappickle::numpy
