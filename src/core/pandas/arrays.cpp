// pandas' arrays: NumPy's, those that wrap one, nullable ones, categories, intervals;
// columns and data frames of pyarrow's.
#include "../numpy/kernels.h"
#include "../python/zone.h"
#include "readers.h"

namespace mmappickle::pandas {

using numpy::Array;
using pickle::Tag;

bool Sources::array_of(Id id, Array& array) const {
  if (id == kNoId || tree[id].tag != Tag::object) return false;
  numpy::Recognised found = numpy.recognise(id);
  if (found.found != numpy::Found::array || found.array.masked) return false;
  array = std::move(found.array);
  budget.credit(
      id, array.objects == kNoId ? array.count() * array.dtype.itemsize : array.count());
  return true;
}

bool Recogniser::array(Id id, Object& value) {
  if (id == kNoId || tree_[id].tag != Tag::object || depth_ == kMaxDepth) return false;
  ++depth_;
  const bool known = known_array(id, value);
  --depth_;
  return known;
}

bool Recogniser::known_array(Id id, Object& value) {
  if (array_of(id, value.array)) {
    const std::size_t rank = value.array.shape.size();
    value.kind = Type::vector;
    return rank == 1 || rank == 2;
  }
  switch (global_of(tree_, tree_[id].first)) {
    case Global::unpickle_backed:
      return backed(id, value);
    case Global::unpickle_interval: {
      const Id state = item(tree_, call(id).state(), 0);
      return global_of(tree_, call(id)[0]) == Global::interval_array &&
             intervals(member(tree_, state, "_left"), member(tree_, state, "_right"),
                       closed_of(state), value);
    }
    case Global::new_index:
    case Global::new_datetime_index:
      return index(id, value);  // block values of pandas before 1.0
    default:
      break;
  }
  if (called_array(id, value)) return true;
  const Id state = call(id).state();
  const Global cls = global_of(tree_, call(id).instance_of());
  switch (cls) {
    case Global::masked_array:
      return masked(member(tree_, state, "_data"), member(tree_, state, "_mask"), value);
    case Global::arrow_array: {
      const Id data = member(tree_, state, "_pa_array");
      return arrow(data != kNoId ? data : member(tree_, state, "_data"), value);
    }
    case Global::sparse_array:
      return sparse_.read(state, value);
    case Global::interval_array:
      return intervals(member(tree_, state, "_left"), member(tree_, state, "_right"),
                       closed_of(state), value);
    case Global::datetime_array:
    case Global::timedelta_array:
    case Global::period_array:
    case Global::categorical:
    case Global::string_array:
    case Global::numpy_array: {
      // pandas before 1.3
      Id data = kNoId;
      for (const char* key : {"_data", "_ndarray", "_codes"}) {
        if (data == kNoId) data = member(tree_, state, key);
      }
      return backed_by(cls, member(tree_, state, "_dtype"), data, value);
    }
    default:
      return false;
  }
}

// __pyx_unpickle_NDArrayBacked(class, checksum, None) and (dtype, data, attributes), the
// first two in either order.
bool Recogniser::backed(Id id, Object& value) {
  const Id state = call(id).state();
  const Id dtype = item(tree_, state, 0), data = item(tree_, state, 1);
  if (data == kNoId) return false;
  const Global cls = global_of(tree_, call(id)[0]);
  Array plain;
  return array_of(data, plain) ? backed_by(cls, dtype, data, value)
                               : backed_by(cls, data, dtype, value);
}

bool Recogniser::backed_by(Global cls, Id dtype, Id data, Object& value) {
  if (cls == Global::categorical) {
    const Id state = call(dtype).state();
    return global_of(tree_, call(dtype).instance_of()) == Global::categorical_dtype &&
           categorical(member(tree_, state, "categories"),
                       member(tree_, state, "ordered"), data, value);
  }
  if (cls == Global::period_array) return read_periods(from_, dtype, data, value);
  if (!array_of(data, value.array)) return false;
  const std::size_t rank = value.array.shape.size();
  if (rank != 1 && rank != 2) return false;
  value.kind = Type::vector;
  const numpy::Kind kind = value.array.dtype.kind;
  switch (cls) {
    case Global::datetime_array:
      if (dtype != kNoId &&
          global_of(tree_, call(dtype).instance_of()) == Global::datetime_dtype) {
        // The moments are UTC's, whatever the zone.
        python::Zone zone;
        if (python::read_zone(tree_, member(tree_, call(dtype).state(), "tz"), zone)) {
          value.text = zone.name;
        }
      }
      return kind == numpy::Kind::datetime;
    case Global::timedelta_array:
      return kind == numpy::Kind::timedelta;
    case Global::string_array:
      value.always_text = true;
      return kind == numpy::Kind::object && rank == 1;
    case Global::numpy_array:
      return true;
    default:
      return false;
  }
}

bool Recogniser::masked(Id values, Id masks, Object& value) {
  Array mask;
  Array& data = value.array;
  if (!array_of(values, data) || !array_of(masks, mask)) return false;
  switch (data.dtype.kind) {
    case numpy::Kind::boolean:
    case numpy::Kind::integer:
    case numpy::Kind::unsigned_integer:
    case numpy::Kind::floating:
      break;
    default:
      return false;
  }
  if (mask.dtype.kind != numpy::Kind::boolean || data.shape.size() != 1 ||
      mask.shape != data.shape) {
    return false;
  }
  value.kind = Type::vector;
  data.masked = true;
  data.mask = mask.data;
  data.mask_strides = mask.strides;
  return true;
}

bool Recogniser::categorical(Id categories, Id ordered, Id codes, Object& value) {
  const Object* index = part(categories);
  if (!index || index->kind == Type::frame || index->series ||
      !array_of(codes, value.array))
    return false;
  value.kind = Type::factor;
  value.parts = {categories};
  value.ordered =
      ordered != kNoId && tree_[ordered].tag == Tag::boolean && tree_[ordered].flag;
  return value.array.shape.size() == 1 && codes_below(value.array, index->count);
}

// -1 or below `count`, each.
bool Recogniser::codes_below(const Array& codes, std::uint64_t count) {
  if (codes.dtype.kind != numpy::Kind::integer || codes.dtype.itemsize > 4) return false;
  const numpy::Decode decode = numpy::decoder(codes.dtype, numpy::RType::integer);
  std::int32_t chunk[1024];
  const std::uint64_t n = codes.count();
  if (!charge(n)) return false;
  for (std::uint64_t at = 0; at < n; at += 1024) {
    const std::uint64_t size = n - at < 1024 ? n - at : 1024;
    bool inexact = false;
    decode(codes.dtype, codes.data + static_cast<std::int64_t>(at) * codes.strides[0],
           codes.strides[0], size, chunk, &inexact);
    for (std::uint64_t i = 0; i < size; ++i) {
      if (chunk[i] < -1) return false;
      if (chunk[i] >= 0 && static_cast<std::uint64_t>(chunk[i]) >= count) return false;
    }
  }
  return true;
}

// "left", "right", "both" or "neither": of the array itself or of its dtype.
Id Recogniser::closed_of(Id members) const {
  const Id own = member(tree_, members, "_closed");
  if (own != kNoId) return own;
  const Id dtype = member(tree_, members, "_dtype");
  if (dtype == kNoId ||
      global_of(tree_, call(dtype).instance_of()) != Global::interval_dtype) {
    return kNoId;
  }
  const Id closed = member(tree_, call(dtype).state(), "closed");
  return closed != kNoId ? closed : member(tree_, call(dtype).state(), "_closed");
}

bool Recogniser::intervals(Id left, Id right, Id closed, Object& value) {
  if (closed == kNoId || !is_text(closed)) return false;
  const std::string_view text = tree_.text_of(closed);
  if (text != "left" && text != "right" && text != "both" && text != "neither") {
    return false;
  }
  value.kind = Type::intervals;
  value.text = tree_.bytes_of(closed);
  for (Id end : {left, right}) {
    Object ends;
    if (!array(end, ends) || !normalize(ends) || ends.kind != Type::vector) return false;
    if (!value.parts.empty() && value.count != ends.count) return false;
    value.count = ends.count;
    value.parts.push_back(add(std::move(ends)));
  }
  return true;
}

bool Recogniser::normalize(Object& value) {
  if (value.kind != Type::vector && value.kind != Type::factor) return true;
  if (value.array.shape.size() != 1) return false;
  value.count = value.array.shape[0];
  if (!charge(kColumnCost + value.count)) return false;
  if (value.kind == Type::factor) return true;
  if (value.array.dtype.kind != numpy::Kind::object) {
    numpy::Target target;
    return value.array.subclass.empty() &&
           target_of(value.array.dtype, numpy::Choice(), target);
  }
  value.list = value.array.objects;
  bool any = value.always_text, all = true;
  for (Id item : tree_.items(value.list)) {
    const bool text = is_text(item);
    any = any || text;
    all = text || is_missing(item);
    if (!all) break;
  }
  value.kind = any && all ? Type::strings : Type::objects;
  return true;
}

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
