// The state of a dtype, as numpy.dtype.__setstate__ takes it: byte order, fields, units
// of time.
#include <algorithm>

#include "dtype_builder.h"
#include "names.h"

namespace mmappickle::numpy {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

constexpr std::int64_t kAlignedStruct = 0x80;  // NPY_ALIGNED_STRUCT, a bit of the flags

// (version, byte order, sub-array, names, fields, itemsize, alignment[, flags[,
// metadata]]): versions 2 to 4.
bool DtypeBuilder::state(Id id, Dtype& dtype, int depth) {
  if (tree_[id].tag != Tag::tuple) return false;
  const std::vector<Id> s = items_of(tree_, id);
  std::int64_t version = 0, itemsize = 0, alignment = 0, flags = 0;
  if (s.size() < 7 || s.size() > 9 || !is_integer(tree_, s[0], version) || version < 1 ||
      version > 4 || !is_integer(tree_, s[5], itemsize) ||
      !is_integer(tree_, s[6], alignment) ||
      (s.size() > 7 && !is_integer(tree_, s[7], flags))) {
    return false;
  }
  if (!byte_order(s[1], dtype)) return false;
  if (tree_[s[2]].tag != Tag::none) return subarray_state(s[2], itemsize, dtype, depth);
  if (tree_[s[3]].tag != Tag::none || tree_[s[4]].tag != Tag::none) {
    if (itemsize < 0) return false;
    Dtype d = structured();
    d.itemsize = static_cast<std::uint64_t>(itemsize);
    d.aligned = (flags & kAlignedStruct) != 0;
    d.whole = dtype.whole && (s.size() < 9 || is_empty(s[8]));
    if (!fields(s[3], s[4], d, depth)) return false;
    dtype = d;
    return finished(dtype);
  }
  if (s.size() == 9 && !time_metadata(s[8], dtype)) return false;
  return sized(itemsize, dtype);
}

bool DtypeBuilder::byte_order(Id id, Dtype& dtype) const {
  if (!is_string(tree_, id) || tree_[id].size != 1) return false;
  const char order = tree_.text_of(id)[0];
  if (!has_byte_order(dtype)) return true;
  dtype.big_endian = order == '>';
  return true;
}

// The itemsize of the state: it counts for types of any length, and must agree else.
bool DtypeBuilder::sized(std::int64_t itemsize, Dtype& dtype) {
  if (itemsize == -1) return true;
  if (itemsize < 0 || itemsize > static_cast<std::int64_t>(kMaxItemsize)) return false;
  const auto n = static_cast<std::uint64_t>(itemsize);
  const bool any_length = dtype.kind == Kind::bytes || dtype.kind == Kind::raw ||
                          (dtype.kind == Kind::unicode && n % 4 == 0);
  if (any_length) dtype.itemsize = n;
  return dtype.itemsize == n;
}

// (base dtype, shape); the itemsize is that of the whole.
bool DtypeBuilder::subarray_state(Id id, std::int64_t itemsize, Dtype& dtype, int depth) {
  if (tree_[id].tag != Tag::tuple || tree_[id].size != 2) return false;
  if (!object(tree_.item(id, 0), dtype, depth + 1)) return false;
  return make_subarray(dtype, tree_.item(id, 1)) && itemsize >= 0 &&
         dtype.itemsize == static_cast<std::uint64_t>(itemsize);
}

// names: a tuple; fields: a dict of name to (dtype, offset[, title]).
bool DtypeBuilder::fields(Id names, Id dict, Dtype& d, int depth) {
  if (tree_[names].tag != Tag::tuple || tree_[dict].tag != Tag::dict) return false;
  struct Entry {
    std::string_view name;
    std::size_t at;
    Id value;
  };
  std::vector<Entry> known;
  const std::vector<Id> items = items_of(tree_, dict);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (!is_string(tree_, items[i])) return false;
    known.push_back({tree_.text_of(items[i]), i, items[i + 1]});
  }
  std::sort(known.begin(), known.end(), [](const Entry& a, const Entry& b) {
    return a.name != b.name ? a.name < b.name : a.at > b.at;  // the last one counts
  });
  for (Id name : tree_.items(names)) {
    if (!is_string(tree_, name)) return false;
    const std::string_view wanted = tree_.text_of(name);
    const auto found = std::lower_bound(
        known.begin(), known.end(), wanted,
        [](const Entry& entry, std::string_view s) { return entry.name < s; });
    if (found == known.end() || found->name != wanted) return false;
    const Node& value = tree_[found->value];
    std::int64_t offset = 0;
    if (value.tag != Tag::tuple || value.size < 2 || value.size > 3 ||
        !is_integer(tree_, tree_.item(found->value, 1), offset) || offset < 0 ||
        !add(d, name, tree_.item(found->value, 0), kNoId,
             static_cast<std::uint64_t>(offset), depth)) {
      return false;
    }
    if (value.size == 3 && tree_[tree_.item(found->value, 2)].tag != Tag::none) {
      d.whole = false;  // a title
    }
  }
  return true;
}

// None, or a dict of nothing.
bool DtypeBuilder::is_empty(Id id) const {
  return tree_[id].tag == Tag::none ||
         (tree_[id].tag == Tag::dict && tree_[id].size == 0);
}

// (metadata, (unit, multiple, divisor, events)); of other dtypes plain metadata.
bool DtypeBuilder::time_metadata(Id id, Dtype& dtype) const {
  if (dtype.kind != Kind::datetime && dtype.kind != Kind::timedelta) {
    dtype.whole = dtype.whole && is_empty(id);
    return true;
  }
  if (tree_[id].tag != Tag::tuple || tree_[id].size != 2) return false;
  dtype.whole = dtype.whole && is_empty(tree_.item(id, 0));
  const Id meta = tree_.item(id, 1);
  if (tree_[meta].tag != Tag::tuple || tree_[meta].size < 3) return false;
  Bytes unit;
  std::int64_t multiple = 0, divisor = 0;
  const Id name = tree_.item(meta, 0);
  if (tree_[name].tag == Tag::text) {
    unit = tree_.bytes_of(name);
  } else if (!recogniser_.bytes(name, unit)) {
    return false;
  }
  if (!parse_unit(unit.text(), dtype.unit) ||
      !is_integer(tree_, tree_.item(meta, 1), multiple) || multiple < 1 ||
      multiple > static_cast<std::int64_t>(kMaxItemsize) ||
      !is_integer(tree_, tree_.item(meta, 2), divisor) || divisor != 1) {
    return false;
  }
  dtype.multiple = dtype.unit == Unit::generic ? 1 : multiple;
  return true;
}

}  // namespace mmappickle::numpy
