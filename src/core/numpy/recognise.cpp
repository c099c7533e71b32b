#include "recognise.h"

#include "names.h"

namespace mmappickle::numpy {
namespace {

using pickle::Call;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

// numpy.dtypes.StringDType, whose strings are pickled as a list of them.
bool is_string_dtype(const pickle::Tree& tree, pickle::Id id) {
  const Call call(tree, id);
  return call.untouched() && global_of(tree, call.callable()) == Global::string_dtype;
}

// Each axis once.
bool is_permutation(const Shape& axes, std::size_t rank) {
  std::uint64_t seen = 0;  // a bit an axis: kMaxRank of them
  for (std::uint64_t axis : axes) {
    if (axis >= rank || (seen >> axis & 1)) return false;
    seen |= std::uint64_t{1} << axis;
  }
  return axes.size() == rank;
}

}  // namespace

Recognised damaged(std::string problem) {
  Recognised r;
  r.found = Found::damaged;
  r.problem = std::move(problem);
  return r;
}

bool has_objects(const Dtype& dtype) {
  if (dtype.kind == Kind::object) return true;
  for (const Field& f : dtype.fields) {
    if (has_objects(f.dtype)) return true;
  }
  return false;
}

bool Recogniser::shape(Id id, Shape& shape) const {
  const Tag tag = tree_[id].tag;
  if (tag != Tag::tuple && tag != Tag::list) return false;
  if (tree_[id].size > kMaxRank) return false;
  shape.clear();
  for (Id extent : tree_.items(id)) {
    if (tree_[extent].tag != Tag::integer || tree_[extent].integer < 0) return false;
    shape.push_back(static_cast<std::uint64_t>(tree_[extent].integer));
  }
  return true;
}

bool Recogniser::dtype(Id id, Dtype& dtype) {
  const auto known = dtypes_.find(id);
  if (known != dtypes_.end()) {
    if (known->second) dtype = *known->second;
    return known->second.has_value();
  }
  Dtype made;
  const bool is_one = build_dtype(*this, tree_, id, made);
  dtypes_[id] = is_one ? std::optional<Dtype>(made) : std::nullopt;
  if (is_one) dtype = made;
  return is_one;
}

Recognised Recogniser::recognise(Id id) {
  const Call call(tree_, id);
  if (!call.is_object()) return {};
  switch (global_of(tree_, call.callable())) {
    case Global::masked_array:
      return call.untouched() ? masked(call) : masked_state(call);
    case Global::masked_reconstruct:
      return masked_state(call);
    default:
      return plain(id);
  }
}

// All that are not masked.
Recognised Recogniser::plain(Id id) {
  const Call call(tree_, id);
  if (!call.is_positional()) return {};
  std::string subclass;
  const Global name = global_of(tree_, call.callable(), &subclass);
  switch (name) {
    case Global::reconstruct:
      if (call.count() != 3) return {};
      if (global_of(tree_, call[0], &subclass) != Global::ndarray) return {};
      return from_state(call, subclass);
    case Global::ndarray:
      return from_state(call, subclass);
    case Global::copied:
      return copied(call);
    case Global::reshape:
    case Global::from_buffer:
    case Global::scalar:
      break;
    default:
      return {};
  }
  if (!call.untouched()) return damaged("The array was changed after it was made.");
  if (name == Global::reshape) return from_string(call);
  return name == Global::scalar ? scalar(call) : from_buffer(call);
}

Recognised Recogniser::contiguous(const Dtype& dtype, const Shape& extents, bool fortran,
                                  Id data, bool room) {
  Recognised r;
  Array& a = r.array;
  Bytes bytes;
  if (!this->data(data, bytes)) return damaged("The array's data are no bytes.");
  if (!dtype.subshape.empty()) return damaged("The array's dtype is a sub-array.");
  std::uint64_t size = 0;
  if (!contiguous_strides(extents, dtype.itemsize, fortran, a.strides, size) ||
      (room ? size > bytes.size : size != bytes.size)) {
    return damaged(size_problem(dtype, extents, bytes.size));
  }
  r.found = Found::array;
  a.dtype = dtype;
  a.shape = extents;
  a.data = bytes.data;
  return r;
}

// NumPy pickles the items of an object array in C order, Fortran-ordered ones, too.
Recognised Recogniser::objects(const Shape& extents, Id list) {
  Recognised r;
  Array& a = r.array;
  if (tree_[list].tag != Tag::list) return damaged("The array's objects are no list.");
  std::uint64_t count = 0;
  if (!contiguous_strides(extents, 1, false, a.strides, count) ||
      count != tree_[list].size) {
    return damaged("The array has not as many objects as its shape says.");
  }
  r.found = Found::array;
  parse_dtype("object", a.dtype);
  a.shape = extents;
  a.objects = list;
  return r;
}

// Damaged if it is meant to be one of NumPy's own; a package's own dtype is inert.
Recognised Recogniser::without_dtype(Id dtype) const {
  const Call call(tree_, dtype);
  if (call.is_object()) {
    if (global_of(tree_, call.callable()) != Global::dtype) return {};
    const Id type = call[0];
    if (type != kNoId && tree_[type].tag == Tag::global &&
        tree_.text_of(tree_[type].first) != "numpy") {
      return {};
    }
  }
  return damaged("The array's dtype is not known.");
}

// ([version,] shape, dtype, is Fortran, data): what numpy.ndarray.__setstate__ takes.
Recognised Recogniser::from_state(const Call& call, std::string subclass) {
  const pickle::Extra& after = call.after();
  if (after.state == kNoId) return {};
  if (after.items != kNoId || after.dict_items != kNoId) {
    return damaged("The array was changed after it was made.");
  }
  const Id state = after.state;
  const std::uint64_t n = tree_[state].size;
  if (tree_[state].tag != Tag::tuple || (n != 4 && n != 5)) {
    return damaged("The array's state is not NumPy's.");
  }
  std::vector<Id> s = items_of(tree_, state);
  if (n == 5) {
    const Node& version = tree_[s[0]];
    if (version.tag != Tag::integer || version.integer < 0 || version.integer > 1) {
      return damaged("The array's state is of an unknown version.");
    }
    s.erase(s.begin());
  }
  Shape extents;
  Dtype dtype;
  const Node& order = tree_[s[2]];
  if (!shape(s[0], extents)) return damaged("The array's shape is not a tuple of sizes.");
  if (is_string_dtype(tree_, s[1])) return objects(extents, s[3]);
  if (!this->dtype(s[1], dtype)) return without_dtype(s[1]);
  if (order.tag != Tag::boolean && order.tag != Tag::integer) {
    return damaged("The array's order is neither C's nor Fortran's.");
  }
  const bool fortran = order.tag == Tag::boolean ? order.flag : order.integer != 0;
  if (dtype.kind != Kind::object && has_objects(dtype)) {
    if (extents.size() > 1) return {};
    Recognised r = objects(extents, s[3]);
    if (r.found != Found::array) return r;
    r.found = Found::records;
    r.array.dtype = std::move(dtype);
    return r;
  }
  Recognised r = dtype.kind == Kind::object ? objects(extents, s[3])
                                            : contiguous(dtype, extents, fortran, s[3]);
  r.array.subclass = std::move(subclass);
  return r;
}

// reshape(fromstring(data, dtype), shape)
Recognised Recogniser::from_string(const Call& call) {
  if (call.count() != 2) return {};
  const Call inner(tree_, call[0]);
  if (!inner.untouched() || inner.count() != 2) return {};
  if (global_of(tree_, inner.callable()) != Global::from_string) return {};
  Shape extents;
  Dtype dtype;
  if (!shape(call[1], extents))
    return damaged("The array's shape is not a tuple of sizes.");
  const bool known = tree_[inner[1]].tag == Tag::text
                         ? dtype_of_text(tree_.text_of(inner[1]), dtype)
                         : this->dtype(inner[1], dtype);
  if (!known) return damaged("The array's dtype is not known.");
  if (has_objects(dtype)) return damaged("An array of objects cannot be made of bytes.");
  return contiguous(dtype, extents, false, inner[0]);
}

// (buffer, dtype, shape, order[, axis order]); the last since NumPy 2.3: the shape is
// that of the buffer in C order, the array its transpose.
Recognised Recogniser::from_buffer(const Call& call) {
  const std::uint64_t n = call.count();
  if (n != 4 && n != 5) return {};
  Shape extents, axes;
  Dtype dtype;
  const bool fortran = tree_.is_text(call[3], "F");
  const bool turned = n == 5 && tree_.is_text(call[3], "K");
  if (!fortran && !turned && !tree_.is_text(call[3], "C")) {
    return damaged("The array's order is neither C's nor Fortran's.");
  }
  if (!this->dtype(call[1], dtype)) return damaged("The array's dtype is not known.");
  if (has_objects(dtype)) return damaged("An array of objects cannot be made of bytes.");
  if (!shape(call[2], extents))
    return damaged("The array's shape is not a tuple of sizes.");
  Recognised r = contiguous(dtype, extents, fortran, call[0]);
  if (!turned || r.found != Found::array) return r;
  if (!shape(call[4], axes) || !is_permutation(axes, extents.size())) {
    return damaged("The order of the array's axes is neither C's nor Fortran's.");
  }
  const Strides strides = r.array.strides;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    r.array.shape[i] = extents[axes[i]];
    r.array.strides[i] = strides[axes[i]];
  }
  return r;
}

// array(ndarray(shape, dtype, bytes)), where the bytes may be more than the shape takes:
// growing arrays.
Recognised Recogniser::copied(const Call& call) {
  if (call.count() != 1 || !is_new_array(call[0])) return {};
  const Call inner(tree_, call[0]);
  if (inner.count() != 3 || tree_[inner[2]].tag != Tag::bytes) return {};
  if (!call.untouched() || !inner.untouched()) {
    return damaged("The array was changed after it was made.");
  }
  Shape extents;
  Dtype dtype;
  if (!shape(inner[0], extents))
    return damaged("The array's shape is not a tuple of sizes.");
  if (!this->dtype(inner[1], dtype)) return without_dtype(inner[1]);
  if (has_objects(dtype)) return damaged("An array of objects cannot be made of bytes.");
  return contiguous(dtype, extents, false, inner[2], true);
}

Recognised Recogniser::scalar(const Call& call) {
  Dtype dtype;
  if (call.count() != 2) return {};
  if (!this->dtype(call[0], dtype)) return damaged("The scalar's dtype is not known.");
  if (has_objects(dtype)) return {};
  Recognised r = contiguous(dtype, Shape(), false, call[1]);
  if (r.found == Found::array) r.found = Found::scalar;
  return r;
}

}  // namespace mmappickle::numpy
