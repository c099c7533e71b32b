// Value tree to pyarrow's arrays, chunked arrays, tables and record batches: what they
// are in terms of NumPy's arrays, lists of nodes, and parts that are such again. Lengths,
// offsets, sizes, bitmaps and codes are checked against the bytes. What does not fit is
// nothing, as are types without a counterpart: it stays an inert object. (Of a table only
// that column.)
//
//     node > chunks (their buffers, as they are) > column
//
// What lies in one piece and has nothing missing stays where it is; all else is put
// together in bytes that the tree keeps.
//
// Rooms: types.h (types), chunks.cpp (what pickles say), columns.cpp (numbers and times;
// decimal.h), texts.cpp, nested.cpp.
#pragma once

#include <string>

#include "../numpy/recognise.h"
#include "types.h"

namespace mmappickle::arrow {

enum class Form : std::uint8_t {
  vector,   // `array`
  strings,  // `list`: texts and None
  objects,  // `list`: bytes (or texts that no R string holds) and None
  factor,   // `array`: codes, -1: missing; into parts[0], whose values may repeat or be
            // missing; `ordered`
  lists,    // `array` and `sizes`: where each begins in parts[0], and its size, -1: None
  frame,    // parts are columns, `list` their names
  foreign,  // a column of a table that has no counterpart: `node`
};

struct Column {
  Form form = Form::vector;
  std::uint64_t count = 0;
  numpy::Array array, sizes;
  Id list = kNoId, node = kNoId;
  Bytes zone;  // of moments: R's name, empty for UTC
  bool ordered = false;
  bool rounded = false;  // decimals with more digits than a double has
  std::vector<Column> parts;
};

// For all values of one tree. Borrows the tree, in which it keeps bytes and to which it
// adds nodes for texts.
class Recogniser {
 public:
  Recogniser(pickle::Tree& tree, numpy::Recogniser& numpy, pickle::Budget& budget)
      : tree_(tree), numpy_(numpy), budget_(budget), types_(tree, budget) {}

  // False, with `column` unspecified, for what is nothing of pyarrow's.
  bool read(Id id, Column& column);

 private:
  // One array: its elements are `length` ones from `offset` on.
  struct Chunk {
    const DataType* type = nullptr;
    std::uint64_t length = 0, offset = 0;
    std::vector<Bytes> buffers;  // no data: there is none
    Id children = kNoId, dictionary = kNoId;
  };
  // Several, one after another.
  struct Chunks {
    const DataType* type = nullptr;
    std::uint64_t count = 0;
    std::vector<Chunk> chunks{};
  };
  // A byte for each element, not 0 where it is missing; empty: nothing is.
  using Mask = std::string;
  static constexpr std::uint64_t kCost = 8;  // of a chunk, of a column

  // -- chunks.cpp
  bool table(const Call& made, Column& column);
  bool add_column(Id id, const Chunks& chunks, std::uint64_t count, Column& column);
  bool array(Id id, Chunks& chunks);
  bool read_chunk(Id members, Chunk& chunk);
  bool read_buffers(Id list, std::vector<Bytes>& buffers);
  bool append(Chunk&& chunk, Chunks& chunks);
  static bool cut(Chunk& chunk, std::uint64_t offset, std::uint64_t length);
  bool missing(const Chunks& chunks, const Mask& above, Mask& mask);
  // The elements of a buffer of such of `width` bytes, `more` behind them included.
  static bool elements(const Chunk& chunk, std::size_t buffer, std::uint64_t width,
                       std::uint64_t more, Bytes& bytes);

  // -- columns.cpp. `above`: what is missing with what the column is a part of
  bool column(const Chunks& chunks, const Mask& above, Column& column);
  bool nulls(std::uint64_t count, Column& column);
  bool booleans(const Chunks& chunks, Column& column);
  bool plain(const Chunks& chunks, const numpy::Dtype& dtype, Column& column);
  bool times(const Chunks& chunks, Column& column);
  bool decimals(const Chunks& chunks, const Mask& mask, Column& column);
  void set_array(numpy::Array& array, numpy::Kind kind, std::uint64_t itemsize,
                 std::uint64_t count, std::string bytes);

  // -- texts.cpp
  bool texts(const Chunks& chunks, const Mask& mask, Column& column);
  bool add_text(Bytes bytes, bool binary, std::vector<Id>& items, bool& is_r);
  bool by_offsets(const Chunk& chunk, std::vector<Bytes>& texts);
  bool by_views(const Chunk& chunk, const Mask& mask, std::uint64_t first,
                std::vector<Bytes>& texts);

  // -- nested.cpp
  struct Spans {  // of lists in their items
    std::string starts{}, sizes{};
    void add(std::uint64_t start, std::int64_t size);
  };
  bool child(const Chunk& chunk, std::size_t i, Chunk& child);
  bool frame(const Chunks& chunks, const Mask& above, Column& column);
  bool lists(const Chunks& chunks, const Mask& mask, Column& column);
  bool spans(const Chunk& chunk, const Mask& mask, std::uint64_t first, Chunks& items,
             Spans& spans);
  bool by_offsets(const Chunk& chunk, const Mask& mask, std::uint64_t first,
                  Chunks& items, Spans& spans);
  bool factor(const Chunks& chunks, const Mask& mask, Column& column);

  pickle::Tree& tree_;
  numpy::Recogniser& numpy_;
  pickle::Budget& budget_;
  Types types_;
};

}  // namespace mmappickle::arrow
