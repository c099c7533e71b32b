// Data frames made by calls of what pandas offers its users, as pandas_frame() of R's
// writes them: pandas.DataFrame({name: column}, index) and the like. The arguments that
// are known here are those; a call with others is nothing.
#include <cstring>
#include <set>

#include "../python/zone.h"
#include "pandas.h"

namespace mmappickle::pandas {

using numpy::Array;
using pickle::Tag;

// A column of rank 1, settled.
bool Recogniser::column(Id id, Object& value) {
  return array(id, value) && normalize(value);
}

bool Recogniser::called(Id id, Object& value) {
  const Call made = call(id);
  if (!made.untouched() || made.count() == 0) return false;
  switch (global_of(tree_, made.callable())) {
    case Global::data_frame:
      return called_frame(made, value);
    case Global::any_index:
      return called_index(made, value);
    case Global::from_arrays:
      return called_levels(made, value);
    default:
      return false;
  }
}

bool Recogniser::called_array(Id id, Object& value) {
  const Call made = call(id);
  if (!made.untouched() || made.count() == 0) return false;
  switch (global_of(tree_, made.callable())) {
    case Global::from_codes: {
      Object categories;
      if (made.count() != 3 || !column(made[1], categories)) return false;
      return categorical(add(std::move(categories)), made[2], made[0], value);
    }
    case Global::masked_array:
      return made.count() == 2 && masked(made[0], made[1], value);
    case Global::array:
      return called_times(made, value);
    case Global::datetime_index:
    case Global::tz_localize:
    case Global::tz_convert:
      return called_moments(made, value);
    default:
      return false;
  }
}

// array(times, "datetime64[ns]") and array(durations, "timedelta64[ns]"): R takes the
// unit that they had before.
bool Recogniser::called_times(const Call& call, Object& value) {
  if (call.count() != 2 || !array(call[0], value) || value.kind != Type::vector) {
    return false;
  }
  switch (value.array.dtype.kind) {
    case numpy::Kind::datetime:
      return tree_.is_text(call[1], "datetime64[ns]");
    case numpy::Kind::timedelta:
      return tree_.is_text(call[1], "timedelta64[ns]");
    default:
      return false;
  }
}

// DatetimeIndex(array), and in a zone: tz_convert(tz_localize(DatetimeIndex(array),
// "UTC"), zone).
bool Recogniser::called_moments(const Call& call, Object& value) {
  python::Zone zone;
  if (!array(call[0], value) || value.kind != Type::vector ||
      value.array.dtype.kind != numpy::Kind::datetime) {
    return false;
  }
  switch (global_of(tree_, call.callable())) {
    case Global::datetime_index:
      return call.count() == 1;
    case Global::tz_localize:
      return call.count() == 2 && tree_.is_text(call[1], "UTC");
    default:
      if (call.count() != 2 || !python::read_zone_name(tree_, call[1], zone))
        return false;
      value.text = zone.name;
      return true;
  }
}

// Index(array, None, False, name); the last three may be left out.
bool Recogniser::called_index(const Call& call, Object& value) {
  if (!column(call[0], value)) return false;
  if (call.count() == 1) return true;
  const Id name = call[3];
  if (call.count() != 4 || call.tag(1) != Tag::none) return false;
  value.name = is_none(tree_, name) ? kNoId : name;
  return true;
}

// Each array is a level of as many values, in order.
bool Recogniser::called_levels(const Call& call, Object& value) {
  std::uint64_t n = 0, names = 0;
  if (call.count() != 3 || call.tag(1) != Tag::none || !is_sequence(tree_, call[0], n) ||
      n == 0 || !is_sequence(tree_, call[2], names) || names != n || !charge(n)) {
    return false;
  }
  value.kind = Type::levels;
  value.names = call[2];
  for (const Id id : tree_.items(call[0])) {
    Object level;
    if (!column(id, level) || level.kind > Type::intervals) return false;
    if (!value.parts.empty() && level.count != value.count) return false;
    value.count = level.count;
    value.parts.push_back(add(std::move(level)));
  }
  if (value.count > INT32_MAX || !charge(value.count)) return false;
  std::string codes(static_cast<std::size_t>(value.count) * 4, '\0');
  for (std::size_t i = 0; i < value.count; ++i) {
    const auto code = static_cast<std::int32_t>(i);
    std::memcpy(&codes[4 * i], &code, 4);
  }
  Array array;
  array.dtype.kind = numpy::Kind::integer;
  array.dtype.itemsize = 4;
  array.dtype.big_endian = numpy::kHostIsBigEndian;
  array.shape = {value.count};
  array.strides = {4};
  array.data = tree_.keep(std::move(codes)).data;
  value.codes.assign(static_cast<std::size_t>(n), array);
  return true;
}

// DataFrame({name: array, ...}) or DataFrame({...}, index)
bool Recogniser::called_frame(const Call& call, Object& value) {
  const Id columns = call[0], index = call[1];
  if (call.count() > 2 || tree_[columns].tag != Tag::dict ||
      !charge(kColumnCost * tree_[columns].size)) {
    return false;
  }
  value.kind = Type::frame;
  value.count = UINT64_MAX;
  std::vector<Id> names;
  std::set<std::string_view> seen;  // no hash whose collisions a file could choose
  Id name = kNoId;
  for (const Id id : tree_.items(columns)) {
    if (name == kNoId) {
      name = id;
      if (!is_text(name) || !seen.insert(tree_.text_of(name)).second) return false;
      continue;
    }
    Object column;
    if (!this->column(id, column) || column.kind > Type::intervals) return false;
    if (value.count == UINT64_MAX) value.count = column.count;
    if (column.count != value.count) return false;
    value.parts.push_back(add(std::move(column)));
    names.push_back(name);
    name = kNoId;
  }
  value.column_texts = tree_.container(Tag::list, names);
  if (index == kNoId || is_none(tree_, index)) {
    if (value.count == UINT64_MAX) value.count = 0;
    return true;
  }
  const Object* rows = part(index);
  if (!rows || tree_[index].tag != Tag::object) return false;
  if (value.count == UINT64_MAX) value.count = rows->count;
  return rows->count == value.count && label(index, value);
}

}  // namespace mmappickle::pandas
