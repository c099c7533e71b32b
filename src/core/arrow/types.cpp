#include "types.h"

#include <algorithm>

#include "../base/utf8.h"

namespace mmappickle::arrow {

using numpy::Unit;
using pickle::Tag;

namespace {

// What type_for_alias() is called with: str(type).
struct Alias {
  std::string_view name;
  Kind kind;
  std::uint64_t width;
  Unit unit = Unit::generic;
};
constexpr Alias kAliases[] = {
    {"null", Kind::null, 0},
    {"bool", Kind::boolean, 0},
    {"int8", Kind::integer, 1},
    {"int16", Kind::integer, 2},
    {"int32", Kind::integer, 4},
    {"int64", Kind::integer, 8},
    {"uint8", Kind::unsigned_integer, 1},
    {"uint16", Kind::unsigned_integer, 2},
    {"uint32", Kind::unsigned_integer, 4},
    {"uint64", Kind::unsigned_integer, 8},
    {"halffloat", Kind::floating, 2},
    {"float", Kind::floating, 4},
    {"double", Kind::floating, 8},
    {"string", Kind::text, 4},
    {"large_string", Kind::text, 8},
    {"binary", Kind::binary, 4},
    {"large_binary", Kind::binary, 8},
    {"string_view", Kind::text_view, 16},
    {"binary_view", Kind::binary_view, 16},
    {"date32[day]", Kind::date, 4, Unit::D},
    {"date64[ms]", Kind::date, 8, Unit::D},
    {"time32[s]", Kind::time, 4, Unit::s},
    {"time32[ms]", Kind::time, 4, Unit::ms},
    {"time64[us]", Kind::time, 8, Unit::us},
    {"time64[ns]", Kind::time, 8, Unit::ns},
    {"timestamp[s]", Kind::timestamp, 8, Unit::s},
    {"timestamp[ms]", Kind::timestamp, 8, Unit::ms},
    {"timestamp[us]", Kind::timestamp, 8, Unit::us},
    {"timestamp[ns]", Kind::timestamp, 8, Unit::ns},
    {"duration[s]", Kind::duration, 8, Unit::s},
    {"duration[ms]", Kind::duration, 8, Unit::ms},
    {"duration[us]", Kind::duration, 8, Unit::us},
    {"duration[ns]", Kind::duration, 8, Unit::ns},
};

bool alias(std::string_view name, DataType& type) {
  for (const Alias& known : kAliases) {
    if (known.name != name) continue;
    type.kind = known.kind;
    type.width = known.width;
    type.unit = known.unit;
    return true;
  }
  return false;
}

std::uint64_t decimal_width(std::string_view name) {
  if (name == "decimal32") return 4;
  if (name == "decimal64") return 8;
  if (name == "decimal128") return 16;
  return name == "decimal256" ? 32 : 0;
}

bool is_r_name(Bytes text) {
  const TextKind kind = classify_text(text);
  return kind == TextKind::ascii || kind == TextKind::utf8;
}

}  // namespace

std::string_view function_name(const pickle::Tree& tree, Id callable) {
  if (callable == kNoId || tree[callable].tag != Tag::global) return {};
  if (tree.text_of(tree[callable].first) != "pyarrow.lib") return {};
  return tree.text_of(tree[callable].second);
}

const DataType* Types::read(Id id) {
  if (id == kNoId || depth_ == kMaxDepth || !budget_.charge(kCost)) return nullptr;
  const auto found = known_.find(id);
  if (found != known_.end()) return found->second;
  known_[id] = nullptr;  // what holds itself is no type
  const Call call(tree_, id);
  if (!call.untouched()) return nullptr;
  DataType type;
  ++depth_;
  bool known = parse(call, type);
  --depth_;
  for (const Field& field : type.fields) {
    if (known) type.depth = std::max(type.depth, field.type->depth + 1);
  }
  if (!known || type.depth > kMaxDepth) return nullptr;
  types_.push_back(std::move(type));
  return known_[id] = &types_.back();
}

bool Types::parse(const Call& call, DataType& type) {
  const std::string_view name = function_name(tree_, call.callable());
  std::string_view text;
  if (name == "type_for_alias") return call.text(0, text) && alias(text, type);
  if (name == "timestamp") {  // (unit, zone)
    if (!call.text(0, text) || !alias("timestamp[" + std::string(text) + "]", type)) {
      return false;
    }
    if (call.text(1, text)) type.zone = Bytes(text);
    return true;
  }
  if (name == "binary") {  // (width)
    std::int64_t width = 0;
    if (!call.integer(0, width) || width < 0 || width > INT32_MAX) return false;
    type.kind = Kind::fixed_binary;
    type.width = static_cast<std::uint64_t>(width);
    return true;
  }
  type.width = decimal_width(name);
  if (type.width != 0) {  // (precision, scale)
    type.kind = Kind::decimal;
    return call.integer(1, type.scale) && type.scale >= INT16_MIN &&
           type.scale <= INT16_MAX;
  }
  return nested(name, call, type);
}

bool Types::nested(std::string_view name, const Call& call, DataType& type) {
  if (name == "list_") {  // (items[, size])
    std::int64_t size = -1;
    if (call.count() > 1 && !call.integer(1, size)) return false;
    if (size < 0) return of_items(call[0], Kind::list, 4, type);
    type.size = static_cast<std::uint64_t>(size);
    return size <= INT32_MAX && of_items(call[0], Kind::fixed_list, 0, type);
  }
  if (name == "large_list") return of_items(call[0], Kind::list, 8, type);
  if (name == "list_view") return of_items(call[0], Kind::list_view, 4, type);
  if (name == "large_list_view") return of_items(call[0], Kind::list_view, 8, type);
  if (name == "struct") {
    type.kind = Kind::structure;
    return fields(call[0], type.fields);
  }
  if (name == "dictionary") {  // (codes, values, ordered)
    type.kind = Kind::dictionary;
    type.ordered = call.tag(2) == Tag::boolean && tree_[call[2]].flag;
    type.fields.resize(2);
    for (std::size_t i = 0; i < 2; ++i) type.fields[i].type = read(call[i]);
    const DataType* codes = type.fields[0].type;
    return codes && type.fields[1].type &&
           (codes->kind == Kind::integer || codes->kind == Kind::unsigned_integer);
  }
  if (name != "map_") return false;
  // (keys, values): a list of pairs
  DataType pair;
  pair.kind = Kind::structure;
  pair.fields.resize(2);
  constexpr std::string_view names[] = {"key", "value"};
  for (std::size_t i = 0; i < 2; ++i) {
    if (!field(call[i], pair.fields[i]) || !pair.fields[i].type) return false;
    if (pair.fields[i].name.size == 0) pair.fields[i].name = Bytes(names[i]);
    pair.depth = std::max(pair.depth, pair.fields[i].type->depth + 1);
  }
  types_.push_back(std::move(pair));
  type.kind = Kind::list;
  type.width = 4;
  type.fields = {{Bytes(), &types_.back()}};
  return true;
}

bool Types::of_items(Id id, Kind kind, std::uint64_t width, DataType& type) {
  type.kind = kind;
  type.width = width;
  type.fields.resize(1);
  return field(id, type.fields[0]) && type.fields[0].type;
}

bool Types::fields(Id list, std::vector<Field>& fields) {
  std::uint64_t n = 0;
  if (!is_sequence(tree_, list, n) || !budget_.charge(n)) return false;
  for (Id id : tree_.items(list)) {
    fields.emplace_back();
    if (!field(id, fields.back()) || !fields.back().type) return false;
  }
  return true;
}

// field(name, type, nullable, metadata), or a type alone. The type may be unknown.
bool Types::field(Id id, Field& field) {
  const Call call(tree_, id);
  if (function_name(tree_, call.callable()) != "field") {
    field.type = read(id);
    return true;
  }
  std::string_view name;
  if (!call.untouched() || !call.text(0, name)) return false;
  field.name = Bytes(name);
  field.type = read(call[1]);
  return budget_.charge(name.size()) && is_r_name(field.name);
}

bool Types::schema(Id id, std::vector<Field>& fields) {
  const Call call(tree_, id);
  std::uint64_t n = 0;
  if (!call.untouched() || function_name(tree_, call.callable()) != "schema" ||
      !is_sequence(tree_, call[0], n) || !budget_.charge(n)) {
    return false;
  }
  for (Id field : tree_.items(call[0])) {
    fields.emplace_back();
    if (!this->field(field, fields.back())) return false;
  }
  return true;
}

bool Types::same(const DataType& a, const DataType& b) {
  if (&a == &b) return true;
  if (!budget_.charge(kCost)) return false;
  if (a.kind != b.kind || a.width != b.width || a.size != b.size || a.unit != b.unit ||
      a.scale != b.scale || a.ordered != b.ordered ||
      a.fields.size() != b.fields.size() || a.zone.text() != b.zone.text()) {
    return false;
  }
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    // What the items of a list are called says nothing.
    const bool named = a.kind == Kind::structure;
    if (named && (!budget_.charge(a.fields[i].name.size) ||
                  a.fields[i].name.text() != b.fields[i].name.text())) {
      return false;
    }
    if (!same(*a.fields[i].type, *b.fields[i].type)) return false;
  }
  return true;
}

}  // namespace mmappickle::arrow
