// Arrow's data types, as pyarrow pickles them: a call of a function of pyarrow.lib each.
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "../numpy/dtype.h"
#include "../pickle/budget.h"
#include "../pickle/inert.h"

namespace mmappickle::arrow {

using pickle::Call;
using pickle::Id;
using pickle::kNoId;

enum class Kind : std::uint8_t {
  null,
  boolean,  // a bit each
  integer,
  unsigned_integer,
  floating,
  decimal,    // two's complement of `width` bytes, times 10^-scale
  date,       // width 4: days; 8: milliseconds
  time,       // of day, in `unit`
  timestamp,  // in `unit`, UTC's; `zone`
  duration,   // in `unit`
  text,       // offsets of `width` bytes into one buffer
  binary,
  text_view,  // 16 bytes each: short ones themselves, else where they lie
  binary_view,
  fixed_binary,  // of `width` bytes
  list,          // offsets of `width` bytes into the items: fields[0]
  list_view,     // offsets and sizes, likewise
  fixed_list,    // of `size` items
  structure,     // fields
  dictionary,    // fields[0]: the type of the codes; fields[1]: of the values
};

struct DataType;

struct Field {
  Bytes name{};
  const DataType* type = nullptr;
};

struct DataType {
  Kind kind = Kind::null;
  std::uint64_t width = 0;
  std::uint64_t size = 0;
  numpy::Unit unit = numpy::Unit::generic;
  std::int64_t scale = 0;
  bool ordered = false;  // dictionary
  Bytes zone{};
  std::vector<Field> fields{};
  int depth = 0;  // of types in types
};

// pyarrow.lib's function of this name; empty for anything else.
std::string_view function_name(const pickle::Tree& tree, Id callable);

// For all types of one tree, which it borrows.
class Types {
 public:
  Types(const pickle::Tree& tree, pickle::Budget& budget)
      : tree_(tree), budget_(budget) {}

  // Null: no type, or one that nothing in R stands for (unions, run ends, intervals,
  // extension types ...). Valid as long as this object.
  const DataType* read(Id id);
  // schema([field, ...], metadata): types may be null.
  bool schema(Id id, std::vector<Field>& fields);
  bool same(const DataType& a, const DataType& b);

 private:
  static constexpr int kMaxDepth = 32;
  static constexpr std::uint64_t kCost = 8;  // of looking at a type
  bool parse(const Call& call, DataType& type);
  bool nested(std::string_view name, const Call& call, DataType& type);
  bool fields(Id list, std::vector<Field>& fields);
  bool field(Id id, Field& field);
  bool of_items(Id id, Kind kind, std::uint64_t width, DataType& type);

  const pickle::Tree& tree_;
  pickle::Budget& budget_;
  std::deque<DataType> types_;
  std::unordered_map<Id, const DataType*> known_;
  int depth_ = 0;
};

}  // namespace mmappickle::arrow
