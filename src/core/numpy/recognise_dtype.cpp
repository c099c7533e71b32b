// dtypes as pickles spell them: numpy.dtype(name, ...) and NumPy's state of it, or
// numpy.dtype of a list of fields (this package's own form).
#include <algorithm>

#include "../base/utf8.h"
#include "../pickle/python_literal.h"
#include "names.h"
#include "recognise.h"

namespace mmappickle::numpy {
namespace {

using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using pickle::Tree;

constexpr std::int64_t kAlignedStruct = 0x80;  // NPY_ALIGNED_STRUCT, a bit of the flags

// Text of NumPy's own making: str, or Python 2's.
bool is_string(const Tree& tree, Id id) {
  return tree[id].tag == Tag::text || tree[id].tag == Tag::string ||
         tree[id].tag == Tag::bytes;
}

// Builds one dtype. Recursion is bounded by kMaxDtypeDepth, the number of fields by that
// of the tree's nodes: shared parts cannot multiply.
class DtypeBuilder {
 public:
  DtypeBuilder(Recogniser& recogniser, const Tree& tree)
      : recogniser_(recogniser), tree_(tree), fields_left_(tree.size()) {}

  // numpy.dtype(...) with or without state.
  bool object(Id id, Dtype& dtype, int depth = 0) {
    const pickle::Call call(tree_, id);
    if (depth > kMaxDtypeDepth || global_of(tree_, call.callable()) != Global::dtype) {
      return false;
    }
    if (call.count() == 0 || !described(call[0], dtype, depth)) return false;
    const pickle::Extra& after = call.after();
    if (after.items != kNoId || after.dict_items != kNoId) return false;
    return after.state == kNoId || state(after.state, dtype, depth);
  }

  // A name, a scalar type, a list of fields, a dict of them, or a dtype.
  bool described(Id id, Dtype& dtype, int depth) {
    if (depth > kMaxDtypeDepth) return false;
    switch (tree_[id].tag) {
      case Tag::text:
      case Tag::string:
      case Tag::bytes:
        return parse_dtype(tree_.text_of(id), dtype);
      case Tag::global:
        return scalar_type(id, dtype);
      case Tag::list:
        return list(id, dtype, depth);
      case Tag::dict:
        return dict(id, dtype, depth);
      case Tag::object:
        return object(id, dtype, depth + 1);
      default:
        return false;
    }
  }

 private:
  // numpy.float64 and the like; numpy.record, whose fields the state brings.
  bool scalar_type(Id id, Dtype& dtype) {
    if (global_of(tree_, id) == Global::record) {
      if (!parse_dtype("V", dtype)) return false;
      dtype.whole = false;
      return true;
    }
    return tree_.text_of(tree_[id].first) == "numpy" &&
           parse_dtype(tree_.text_of(tree_[id].second), dtype);
  }

  // [(name, format), (name, format, shape), ...]
  bool list(Id id, Dtype& dtype, int depth) {
    Dtype d = structured();
    for (Id field : tree_.items(id)) {
      if (tree_[field].tag != Tag::tuple) return false;
      const std::uint64_t n = tree_[field].size;
      if (n != 2 && n != 3) return false;
      const Id shape = n == 3 ? tree_.item(field, 2) : kNoId;
      if (!add(d, tree_.item(field, 0), tree_.item(field, 1), shape, d.itemsize, depth)) {
        return false;
      }
      d.itemsize += d.fields.back().dtype.itemsize;
    }
    dtype = d;
    return finished(dtype);
  }

  // {"names", "formats", "offsets", "itemsize", "aligned"}
  bool dict(Id id, Dtype& dtype, int depth) {
    Id names = kNoId, formats = kNoId, offsets = kNoId;
    Dtype d = structured();
    std::int64_t itemsize = -1;
    const std::vector<Id> items = items_of(tree_, id);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const Id value = items[i + 1];
      const Tag tag = tree_[value].tag;
      const bool sequence = tag == Tag::list || tag == Tag::tuple;
      if (tree_.is_text(items[i], "names") && sequence) {
        names = value;
      } else if (tree_.is_text(items[i], "formats") && sequence) {
        formats = value;
      } else if (tree_.is_text(items[i], "offsets") && sequence) {
        offsets = value;
      } else if (tree_.is_text(items[i], "aligned") && tag == Tag::boolean) {
        d.aligned = tree_[value].flag;
      } else if (!tree_.is_text(items[i], "itemsize") ||
                 !is_integer(tree_, value, itemsize)) {
        return false;
      }
    }
    if (names == kNoId || formats == kNoId || offsets == kNoId || itemsize < 0) {
      return false;
    }
    const std::vector<Id> n = items_of(tree_, names), f = items_of(tree_, formats),
                          o = items_of(tree_, offsets);
    if (n.size() != f.size() || n.size() != o.size()) return false;
    d.itemsize = static_cast<std::uint64_t>(itemsize);
    for (std::size_t i = 0; i < n.size(); ++i) {
      Id format = f[i], shape = kNoId;
      if (tree_[format].tag == Tag::tuple && tree_[format].size == 2) {
        shape = tree_.item(format, 1);
        format = tree_.item(format, 0);
      }
      std::int64_t offset = 0;
      if (!is_integer(tree_, o[i], offset) || offset < 0) return false;
      if (!add(d, n[i], format, shape, static_cast<std::uint64_t>(offset), depth)) {
        return false;
      }
    }
    dtype = d;
    return finished(dtype);
  }

  bool add(Dtype& d, Id name, Id format, Id shape, std::uint64_t offset, int depth) {
    if (tree_[name].tag == Tag::tuple && tree_[name].size == 2) {  // (title, name)
      d.whole = false;
      name = tree_.item(name, 1);
    }
    if (fields_left_ == 0 || !is_string(tree_, name)) return false;
    --fields_left_;
    Field field;
    field.name = std::string(tree_.text_of(name));
    field.offset = offset;
    if (!described(format, field.dtype, depth + 1)) return false;
    // Names that are no text of Python 3 have no place in a list of fields.
    if (tree_[name].tag != Tag::text &&
        classify_text(tree_.bytes_of(name)) != TextKind::ascii) {
      d.whole = false;
    }
    d.whole = d.whole && tree_[name].tag != Tag::bytes && field.dtype.whole;
    if (shape != kNoId && !make_subarray(field.dtype, shape)) return false;
    d.fields.push_back(std::move(field));
    return true;
  }

  // (version, byte order, sub-array, names, fields, itemsize, alignment[, flags[,
  // metadata]]): versions 2 to 4.
  bool state(Id id, Dtype& dtype, int depth) {
    if (tree_[id].tag != Tag::tuple) return false;
    const std::vector<Id> s = items_of(tree_, id);
    std::int64_t version = 0, itemsize = 0, alignment = 0, flags = 0;
    if (s.size() < 7 || s.size() > 9 || !is_integer(tree_, s[0], version) ||
        version < 1 || version > 4 || !is_integer(tree_, s[5], itemsize) ||
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

  bool byte_order(Id id, Dtype& dtype) const {
    if (!is_string(tree_, id) || tree_[id].size != 1) return false;
    const char order = tree_.text_of(id)[0];
    if (!has_byte_order(dtype)) return true;
    dtype.big_endian = order == '>' ? true : order == '<' ? false : kHostIsBigEndian;
    return true;
  }

  // The itemsize of the state: it counts for types of any length, and must agree else.
  static bool sized(std::int64_t itemsize, Dtype& dtype) {
    if (itemsize == -1) return true;
    if (itemsize < 0 || itemsize > static_cast<std::int64_t>(kMaxItemsize)) return false;
    const auto n = static_cast<std::uint64_t>(itemsize);
    const bool any_length = dtype.kind == Kind::bytes || dtype.kind == Kind::raw ||
                            (dtype.kind == Kind::unicode && n % 4 == 0);
    if (any_length) dtype.itemsize = n;
    return dtype.itemsize == n;
  }

  // (base dtype, shape); the itemsize is that of the whole.
  bool subarray_state(Id id, std::int64_t itemsize, Dtype& dtype, int depth) {
    if (tree_[id].tag != Tag::tuple || tree_[id].size != 2) return false;
    if (!object(tree_.item(id, 0), dtype, depth + 1)) return false;
    return make_subarray(dtype, tree_.item(id, 1)) && itemsize >= 0 &&
           dtype.itemsize == static_cast<std::uint64_t>(itemsize);
  }

  bool make_subarray(Dtype& dtype, Id id) const {
    if (!dtype.subshape.empty() || dtype.kind == Kind::object) return false;
    Shape shape;
    std::int64_t extent = 0;
    if (is_integer(tree_, id, extent)) {
      if (extent < 0) return false;
      shape.push_back(static_cast<std::uint64_t>(extent));
    } else if (tree_[id].tag == Tag::tuple) {
      for (Id item : tree_.items(id)) {
        if (!is_integer(tree_, item, extent) || extent < 0) return false;
        shape.push_back(static_cast<std::uint64_t>(extent));
      }
    } else {
      return false;
    }
    Strides strides;
    std::uint64_t bytes = 0;
    if (!contiguous_strides(shape, dtype.itemsize, false, strides, bytes)) return false;
    if (bytes == 0 || bytes > kMaxItemsize) return false;
    dtype.subshape = shape;
    dtype.itemsize = bytes;
    return true;
  }

  // names: a tuple; fields: a dict of name to (dtype, offset[, title]).
  bool fields(Id names, Id dict, Dtype& d, int depth) {
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
  bool is_empty(Id id) const {
    return tree_[id].tag == Tag::none ||
           (tree_[id].tag == Tag::dict && tree_[id].size == 0);
  }

  // (metadata, (unit, multiple, divisor, events)); of other dtypes plain metadata.
  bool time_metadata(Id id, Dtype& dtype) const {
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

  static Dtype structured() {
    Dtype d;
    d.kind = Kind::structured;
    d.itemsize = 0;
    return d;
  }

  // Every field lies inside the item.
  static bool finished(const Dtype& d) {
    if (d.itemsize > kMaxItemsize) return false;
    for (const Field& f : d.fields) {
      if (f.offset > d.itemsize || f.dtype.itemsize > d.itemsize - f.offset) return false;
    }
    return true;
  }

  Recogniser& recogniser_;
  const Tree& tree_;
  std::uint64_t fields_left_;
};

}  // namespace

bool build_dtype(Recogniser& recogniser, const Tree& tree, Id id, Dtype& dtype) {
  return DtypeBuilder(recogniser, tree).object(id, dtype);
}

bool dtype_of_text(std::string_view text, Dtype& dtype) {
  if (text.empty() || (text[0] != '[' && text[0] != '{')) return parse_dtype(text, dtype);
  pickle::Tree tree;
  Recogniser recogniser(tree);
  const Id id = pickle::read_literal(tree, Bytes(text));
  return id != kNoId && DtypeBuilder(recogniser, tree).described(id, dtype, 0);
}

}  // namespace mmappickle::numpy
