// Value tree to pandas objects: data frames, series, indexes, arrays and scalars, as
// every pandas from 0.20 on pickles them, and what pyarrow pickles. By exact (module,
// name) from one table (names.cpp); lengths, shapes and codes are checked against each
// other and against the bytes. What does not fit is nothing: it stays an inert object.
//
// Rooms: arrays.cpp, index.cpp, calls.cpp, frame.cpp, scalars.cpp, sparse.cpp and
// period.cpp each know their kinds.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../arrow/arrow.h"
#include "../base/stable.h"
#include "../numpy/recognise.h"
#include "../pickle/budget.h"
#include "../pickle/inert.h"
#include "names.h"

namespace mmappickle::pandas {

using pickle::Call;
using pickle::Id;
using pickle::kNoId;

// What an object, or one column of a data frame, is.
enum class Type : std::uint8_t {
  vector,     // `array`, of rank 1 and a dtype that R has a vector for
  strings,    // `list`: texts and missing values
  objects,    // `list`: anything
  range,      // start, step, count
  factor,     // `array`: codes below the length of parts[0], -1: missing; `ordered`
  intervals,  // parts: left, right; `text`: which of them are closed
  levels,     // a MultiIndex: parts are its levels, `codes` an array each, -1: missing
  lists,      // lists of parts[0]: `codes` are where each begins and its size, -1: None
  frame,      // parts are the columns; `columns` or `column_texts`
  moment,     // Timestamp: `number`, seconds since 1970 in UTC; NaN is NaT
  duration,   // Timedelta: `number`, seconds
  date,       // Period of a day: `number`, days since 1970; NaN is NaT
  label,      // another Period: `text`
  missing,    // NA
  foreign,    // an array or index without a counterpart, parts[0], of `count` elements
};

// What the rows of a data frame or the elements of a series are called.
enum class Labels : std::uint8_t {
  none,      // 0, 1, 2 ... or there are no rows
  range,     // by a RangeIndex of another start or step: `label_integers`, where R's hold
             // them
  text,      // `label_texts`, none missing
  integers,  // `label_integers`
  other,     // `index` alone says it
};

struct Object {
  Type kind = Type::vector;
  std::uint64_t count = 0;  // elements, rows
  numpy::Array array;
  Id list = kNoId;
  bool always_text = false;  // strings: their dtype says so
  bool spans = false;        // they are Periods
  bool ordered = false;
  bool repeated = false;  // factor: levels may repeat or be missing, as Arrow's may
  bool rounded = false;   // vector: of decimals with more digits than a double has
  std::int64_t start = 0, step = 1;
  double number = 0;
  bool aware = false;  // of moments: they tell their zone
  Bytes text;  // of moments: R's name of their zone, empty for UTC; see intervals, too
  std::vector<Id> parts;
  std::vector<numpy::Array> codes;
  Id names = kNoId;  // levels: the list of their names
  Id name = kNoId;   // of a series or an index; none if it is None

  bool series = false;
  Labels labels = Labels::none;
  bool labels_repeat = false;  // texts, integers
  bool labels_fit = true;      // integers: within R's
  Id label_texts = kNoId;
  std::vector<std::int64_t> label_integers;
  // The index as a value of its own, and as a column: without its name, and foreign where
  // it has no counterpart. Both kNoId if it only counts from 0.
  Id index = kNoId, index_column = kNoId;
  bool index_levels = false;  // it is a MultiIndex: several columns
  Id index_name = kNoId;
  Id column_texts = kNoId;  // a list of texts, else
  Id columns = kNoId;       //   an index of `parts.size()` labels; neither: unknown ones
  Id attributes = kNoId;    // DataFrame.attrs, Series.attrs: a dict, if not empty

  // Its labels are those of rows, each another, rather than of elements.
  bool has_rows() const { return !series || kind == Type::intervals; }
};

// What all that reads arrays goes by. Borrows the tree, in which it keeps what is made.
struct Sources {
  pickle::Tree& tree;
  numpy::Recogniser& numpy;
  pickle::Budget& budget;

  // arrays.cpp: one of NumPy's, without a mask.
  bool array_of(Id id, numpy::Array& array) const;
};

// sparse.cpp: sparse arrays, filled in.
class SparseReader {
 public:
  static constexpr std::uint64_t kCost = 8;  // besides what is filled in

  explicit SparseReader(const Sources& from) : from_(from) {}
  bool read(Id state, Object& value);

 private:
  static constexpr std::uint64_t kMostFilled = std::uint64_t{64} << 20;
  bool places_of(Id index, std::uint64_t count, std::uint64_t& length,
                 std::vector<std::uint64_t>& places) const;
  void pay_filled(std::uint64_t length, std::uint64_t itemsize);
  bool fill_of(Id fill, const numpy::Dtype& dtype, std::string& item) const;

  const Sources& from_;
  std::uint64_t filled_left_ = kMostFilled;  // bytes
};

// For all values of one tree. Borrows the tree, to which it adds a node (Tag::array, its
// number one of an Object) for each part that has none of its own: a column of a block.
class Recogniser {
 public:
  Recogniser(pickle::Tree& tree, numpy::Recogniser& numpy)
      : tree_(tree), numpy_(numpy), arrow_(tree, numpy, budget_) {}

  // Null: nothing of pandas', or nothing that has a counterpart in R (offsets, arrays of
  // others' classes ...). Stays valid as long as this object.
  const Object* recognise(Id id);

  // An instance of a class that is derived from DataFrame or Series, as one of pandas'
  // own.
  numpy::Derived derived(Id id);

  // None, NaN, NaT, NA: what pandas takes as missing among objects.
  bool is_missing(Id id) const;
  // A text (or Python 2's str) that R can hold.
  bool is_text(Id id);

 private:
  friend class FrameReader;
  static constexpr int kMaxDepth = 8;              // of categories in categories
  static constexpr std::uint64_t kColumnCost = 8;  // besides its rows
  static constexpr std::size_t kNone = SIZE_MAX;
  static constexpr std::uint64_t kMostCells = std::uint64_t{16} << 20;

  const Object* part(Id id);  // recognise(), for what other values are made of
  bool read(Id id, Object& value);
  Id add(Object&& value);
  Call call(Id id) const { return Call(tree_, id); }

  // -- arrays.cpp. Of rank 1 or 2; not yet settled
  bool array(Id id, Object& value);
  bool known_array(Id id, Object& value);
  bool backed(Id id, Object& value);
  bool backed_by(Global name, Id dtype, Id data, Object& value);
  bool masked(Id data, Id mask, Object& value);
  bool categorical(Id categories, Id ordered, Id codes, Object& value);
  bool intervals(Id left, Id right, Id closed, Object& value);
  bool array_of(Id id, numpy::Array& array) const { return from_.array_of(id, array); }
  bool arrow(Id id, Object& value);  // what pyarrow has
  bool settle(const arrow::Column& column, Object& value);
  bool normalize(Object& value);  // rank 1: what R will get
  bool codes_below(const numpy::Array& codes, std::uint64_t count);
  Id closed_of(Id members) const;

  // -- calls.cpp: what pandas offers its users, called. Nothing else is known of it
  bool called(Id id, Object& value);        // a data frame, an index
  bool called_array(Id id, Object& value);  // not yet settled
  bool called_frame(const Call& call, Object& value);
  bool called_index(const Call& call, Object& value);
  bool called_levels(const Call& call, Object& value);
  bool called_times(const Call& call, Object& value);
  bool called_moments(const Call& call, Object& value);
  bool column(Id id, Object& value);

  // -- index.cpp
  bool index(Id id, Object& value);
  bool range(Id members, Object& value) const;
  bool levels(Id members, Object& value);
  bool label(Id index, Object& value);
  Id column_of(Id index, const Object& labels);
  Id foreign(Id id, std::uint64_t count);
  Id name_of(Id index) const;
  bool text_labels(Id list, Object& value) const;
  bool integer_labels(const Object& labels, Object& value) const;

  bool charge(std::uint64_t cost) { return budget_.charge(cost); }
  bool charge_cells(std::uint64_t count);
  std::uint64_t cells_left_ = kMostCells;  // of foreign columns, beyond the budget

  pickle::Tree& tree_;
  numpy::Recogniser& numpy_;
  pickle::Budget budget_;
  const Sources from_{tree_, numpy_, budget_};
  SparseReader sparse_{from_};
  arrow::Recogniser arrow_;
  Stable<Object> values_;
  std::unordered_map<Id, std::size_t> known_;  // in values_, kNone: nothing
  std::unordered_map<Id, bool> long_texts_;
  std::unordered_map<Id, Id> columns_;  // of indexes
  int depth_ = 0;
};

}  // namespace mmappickle::pandas
