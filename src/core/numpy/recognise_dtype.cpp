// dtypes as pickles spell them: numpy.dtype(name, ...) and NumPy's state of it, or
// numpy.dtype of a list of fields (this package's own form).
#include "../base/utf8.h"
#include "../pickle/python_literal.h"
#include "dtype_builder.h"
#include "names.h"

namespace mmappickle::numpy {

using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

// numpy.dtype(...) with or without state.
bool DtypeBuilder::object(Id id, Dtype& dtype, int depth) {
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
bool DtypeBuilder::described(Id id, Dtype& dtype, int depth) {
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

// numpy.float64 and the like; numpy.record, whose fields the state brings.
bool DtypeBuilder::scalar_type(Id id, Dtype& dtype) {
  if (global_of(tree_, id) == Global::record) {
    if (!parse_dtype("V", dtype)) return false;
    dtype.whole = false;
    return true;
  }
  return tree_.text_of(tree_[id].first) == "numpy" &&
         parse_dtype(tree_.text_of(tree_[id].second), dtype);
}

// [(name, format), (name, format, shape), ...]
bool DtypeBuilder::list(Id id, Dtype& dtype, int depth) {
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
bool DtypeBuilder::dict(Id id, Dtype& dtype, int depth) {
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

bool DtypeBuilder::add(Dtype& d, Id name, Id format, Id shape, std::uint64_t offset,
                       int depth) {
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

bool DtypeBuilder::make_subarray(Dtype& dtype, Id id) const {
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

Dtype DtypeBuilder::structured() {
  Dtype d;
  d.kind = Kind::structured;
  d.itemsize = 0;
  return d;
}

// Every field lies inside the item.
bool DtypeBuilder::finished(const Dtype& d) {
  if (d.itemsize > kMaxItemsize) return false;
  for (const Field& f : d.fields) {
    if (f.offset > d.itemsize || f.dtype.itemsize > d.itemsize - f.offset) return false;
  }
  return true;
}

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
