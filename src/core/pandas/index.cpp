// Index and its kinds, and what an index makes of the rows that it labels.
#include <algorithm>

#include "../numpy/kernels.h"
#include "../python/zone.h"
#include "pandas.h"

namespace mmappickle::pandas {

using pickle::Tag;

namespace {

bool is_r_integer(std::int64_t x) { return x > INT32_MIN && x <= INT32_MAX; }

bool is_whole(const Object& labels) {
  const numpy::Kind kind = labels.array.dtype.kind;
  return labels.kind == Type::vector &&
         (kind == numpy::Kind::integer || kind == numpy::Kind::unsigned_integer);
}

// Whether an index, were it not empty, might be names of rows. (That of objects is what
// pandas before 2 gave a data frame without rows.)
bool are_labels(const Object& index) {
  return index.kind == Type::range || index.kind == Type::objects || is_whole(index) ||
         (index.kind == Type::strings && !index.spans);
}

bool any_missing(const numpy::Array& array) {
  if (!array.masked || !array.mask) return false;
  for (std::uint64_t i = 0; i < array.count(); ++i) {
    if (array.mask[static_cast<std::int64_t>(i) * array.mask_strides[0]]) return true;
  }
  return false;
}

}  // namespace

// _new_Index(class, members)
bool Recogniser::index(Id id, Object& value) {
  const Call made = call(id);
  if (!made.untouched() || made.count() != 2) return false;
  const Id members = made[1];
  const Id data = member(tree_, members, "data");
  const Id name = member(tree_, members, "name");
  bool known = false;
  switch (global_of(tree_, made[0])) {
    case Global::any_index:
    case Global::period_index:
      known = array(data, value) && normalize(value);
      break;
    case Global::datetime_index: {
      known = array(data, value) && normalize(value);
      python::Zone zone;  // before pandas 1.0
      if (known && python::read_zone(tree_, member(tree_, members, "tz"), zone)) {
        value.text = zone.name;
      }
      break;
    }
    case Global::range_index:
      known = range(members, value);
      break;
    case Global::multi_index:
      known = levels(members, value);
      break;
    case Global::interval_index:
      known = data != kNoId ? array(data, value) && value.kind == Type::intervals
                            : intervals(member(tree_, members, "left"),
                                        member(tree_, members, "right"),
                                        member(tree_, members, "closed"), value);
      break;
    default:
      break;
  }
  value.name = name == kNoId || is_none(tree_, name) ? kNoId : name;
  return known;
}

bool Recogniser::range(Id members, Object& value) const {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  std::int64_t start = 0, stop = 0, step = 0;
  if (!is_integer(tree_, member(tree_, members, "start"), start) ||
      !is_integer(tree_, member(tree_, members, "stop"), stop) ||
      !is_integer(tree_, member(tree_, members, "step"), step) || step == 0) {
    return false;
  }
  for (std::int64_t x : {start, stop, step}) {
    if (x < -exact || x > exact) return false;
  }
  const std::int64_t span = step > 0 ? stop - start : start - stop;
  value.kind = Type::range;
  value.start = start;
  value.step = step;
  value.count =
      span <= 0 ? 0
                : static_cast<std::uint64_t>((span - 1) / (step > 0 ? step : -step) + 1);
  return true;
}

bool Recogniser::levels(Id members, Object& value) {
  Id codes = member(tree_, members, "codes");
  if (codes == kNoId) codes = member(tree_, members, "labels");  // before pandas 0.24
  const Id levels = member(tree_, members, "levels");
  value.names = member(tree_, members, "names");
  std::uint64_t n = 0, others = 0;
  if (!is_sequence(tree_, levels, n) || n == 0 || !is_sequence(tree_, codes, others) ||
      others != n || !is_sequence(tree_, value.names, others) || others != n) {
    return false;
  }
  value.kind = Type::levels;
  for (Id level : tree_.items(levels)) {
    const Object* known = part(level);
    if (!known || known->kind > Type::intervals || known->series) return false;
    value.parts.push_back(level);
  }
  std::size_t i = 0;
  for (Id code : tree_.items(codes)) {
    numpy::Array array;
    if (!charge(kColumnCost) || !array_of(code, array) || array.shape.size() != 1) {
      return false;
    }
    if (i > 0 && array.shape[0] != value.count) return false;
    value.count = array.shape[0];
    if (!codes_below(array, part(value.parts[i++])->count)) return false;
    value.codes.push_back(std::move(array));
  }
  return true;
}

// Sets what `value`, a data frame or a series, calls its rows. False: too much.
bool Recogniser::label(Id index, Object& value) {
  const Object* labels = part(index);
  if (labels && (labels->series || labels->kind > Type::levels)) labels = nullptr;
  const bool plain =
      labels && (value.count == 0 ? are_labels(*labels)
                                  : labels->kind == Type::range && labels->start == 0 &&
                                        labels->step == 1);
  value.index_name = labels ? labels->name : name_of(index);
  if (plain) return true;
  const bool is_range = labels && labels->kind == Type::range;
  const bool affordable = charge(value.count);
  if (!affordable && !is_range) return false;  // a range is only a claim
  value.labels = Labels::other;
  value.index = index;
  value.index_levels = labels && labels->kind == Type::levels;
  value.index_column = labels ? column_of(index, *labels) : foreign(index, value.count);
  if (!labels) return true;
  if (is_range) {
    value.labels = Labels::range;
    value.labels_fit = affordable;
    for (std::uint64_t i = 0; value.labels_fit && i < labels->count; ++i) {
      const std::int64_t label =
          labels->start + labels->step * static_cast<std::int64_t>(i);
      value.labels_fit = is_r_integer(label);
      value.label_integers.push_back(label);
    }
  } else if (labels->kind == Type::strings && !labels->spans &&
             text_labels(labels->list, value)) {
    value.labels = Labels::text;
  } else if (integer_labels(*labels, value)) {
    value.labels = Labels::integers;
  }
  return true;
}

// An index as a column.
Id Recogniser::column_of(Id index, const Object& labels) {
  Id& column = columns_.emplace(index, kNoId).first->second;
  if (column != kNoId) return column;
  Object nameless = labels;
  nameless.name = kNoId;
  return column = add(std::move(nameless));
}

// `count` elements of an object without a counterpart.
Id Recogniser::foreign(Id id, std::uint64_t count) {
  Object whole;
  whole.kind = Type::foreign;
  whole.count = count;
  whole.parts = {id};
  return add(std::move(whole));
}

// Of an index that nobody knows: by where all of them have it.
Id Recogniser::name_of(Id index) const {
  const Id name = member(tree_, call(index)[1], "name");
  return name == kNoId || is_none(tree_, name) ? kNoId : name;
}

bool Recogniser::text_labels(Id list, Object& value) const {
  std::vector<Id> ids;
  for (Id id : tree_.items(list)) {
    if (is_missing(id)) return false;
    ids.push_back(id);
  }
  value.label_texts = list;
  // One node that stands twice is found before texts are compared: there may be few of
  // them, long ones, and many references.
  std::sort(ids.begin(), ids.end());
  value.labels_repeat = std::adjacent_find(ids.begin(), ids.end()) != ids.end();
  if (value.labels_repeat) return true;
  std::vector<std::string_view> texts;
  for (Id id : ids) texts.push_back(tree_.text_of(id));
  std::sort(texts.begin(), texts.end());
  value.labels_repeat = std::adjacent_find(texts.begin(), texts.end()) != texts.end();
  return true;
}

bool Recogniser::integer_labels(const Object& labels, Object& value) const {
  std::vector<std::int64_t> values;
  if (labels.kind == Type::objects) {
    for (Id id : tree_.items(labels.list)) {
      values.push_back(0);
      if (!is_integer(tree_, id, values.back())) return false;
    }
  } else {
    const numpy::Array& array = labels.array;
    if (!is_whole(labels) || any_missing(array)) return false;
    const std::uint64_t n = array.count();
    values.resize(static_cast<std::size_t>(n));
    bool inexact = false;  // beyond 63 bits
    numpy::decoder(array.dtype, numpy::RType::integer64)(
        array.dtype, array.data, array.strides[0], n, values.data(), &inexact);
    if (inexact) return false;
  }
  value.labels_fit = std::all_of(values.begin(), values.end(), is_r_integer);
  value.label_integers = values;
  std::sort(values.begin(), values.end());
  value.labels_repeat = std::adjacent_find(values.begin(), values.end()) != values.end();
  return true;
}

}  // namespace mmappickle::pandas
