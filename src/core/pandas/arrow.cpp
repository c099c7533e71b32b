// What pyarrow has, as what pandas has: columns and data frames.
#include "pandas.h"

namespace mmappickle::pandas {

bool Recogniser::arrow(Id id, Object& value) {
  arrow::Column column;
  return id != kNoId && arrow_.read(id, column) && settle(column, value);
}

bool Recogniser::settle(const arrow::Column& column, Object& value) {
  value.count = column.count;
  value.array = column.array;
  value.list = column.list;
  value.text = column.zone;
  value.rounded = column.rounded;
  for (const arrow::Column& part : column.parts) {
    Object one;
    if (!settle(part, one)) return false;
    value.parts.push_back(add(std::move(one)));
  }
  switch (column.form) {
    case arrow::Form::vector:
      value.kind = Type::vector;
      break;
    case arrow::Form::strings:
      value.kind = Type::strings;
      value.always_text = true;
      break;
    case arrow::Form::objects:
      value.kind = Type::objects;
      break;
    case arrow::Form::factor:
      value.kind = Type::factor;
      value.ordered = column.ordered;
      value.repeated = true;
      break;
    case arrow::Form::lists:
      value.kind = Type::lists;
      value.codes = {column.array, column.sizes};
      break;
    case arrow::Form::frame:
      value.kind = Type::frame;
      value.column_texts = column.list;
      value.list = kNoId;
      break;
    case arrow::Form::foreign:
      value.kind = Type::foreign;
      value.parts = {column.node};
      break;
  }
  return normalize(value);
}

}  // namespace mmappickle::pandas
