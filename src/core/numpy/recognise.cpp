#include "recognise.h"

#include "names.h"

namespace mmappickle::numpy {
namespace {

using pickle::How;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

constexpr std::uint64_t kMaxArguments = 16;

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

// Each axis once.
bool is_permutation(const Shape& axes, std::size_t rank) {
  std::uint64_t seen = 0;  // a bit an axis: kMaxRank of them
  for (std::uint64_t axis : axes) {
    if (axis >= rank || (seen >> axis & 1)) return false;
    seen |= std::uint64_t{1} << axis;
  }
  return axes.size() == rank;
}

// Text of code points below 256 as so many bytes. False for any other text.
bool encode_latin1(Bytes utf8, std::string& out) {
  out.reserve(utf8.size);
  for (std::uint64_t i = 0; i < utf8.size; ++i) {
    const std::uint8_t c = utf8[i];
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < utf8.size &&
               (utf8[i + 1] & 0xc0) == 0x80) {
      out += static_cast<char>((c & 3) << 6 | (utf8[++i] & 63));
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

bool Recogniser::bytes(Id id, Bytes& bytes) {
  const Node& node = tree_[id];
  switch (node.tag) {
    case Tag::bytes:
    case Tag::byte_array:
    case Tag::string:
      bytes = tree_.bytes_of(id);
      return true;
    case Tag::object:
      break;
    default:
      return false;
  }
  if (node.how != How::call || tree_[node.second].tag != Tag::tuple) return false;
  const Name name = name_of(tree_, node.first);
  const std::uint64_t n = tree_[node.second].size;
  if (name == Name::empty_bytes && n == 0) {
    bytes = Bytes();
    return true;
  }
  if (name != Name::encode || n != 2) return false;
  const Id text = tree_.item(node.second, 0), codec = tree_.item(node.second, 1);
  if (tree_[text].tag != Tag::text) return false;
  if (!tree_.is_text(codec, "latin1") && !tree_.is_text(codec, "latin-1")) return false;
  const auto known = texts_.find(text);
  if (known == texts_.end()) {
    std::string encoded;
    const bool fits = encode_latin1(tree_.bytes_of(text), encoded);
    texts_[text] =
        fits ? std::optional<Bytes>(tree_.keep(std::move(encoded))) : std::nullopt;
  }
  const std::optional<Bytes>& made = texts_[text];
  if (made) bytes = *made;
  return made.has_value();
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

bool Recogniser::call(Id id, std::vector<Id>& arguments) const {
  const Node& node = tree_[id];
  arguments.clear();
  if (node.tag != Tag::object || node.how == How::new_object_ex) return false;
  if (tree_[node.second].tag != Tag::tuple) return false;
  if (tree_[node.second].size > kMaxArguments) return false;
  for (Id item : tree_.items(node.second)) arguments.push_back(item);
  return true;
}

Recognised Recogniser::recognise(Id id) {
  const Node& node = tree_[id];
  if (node.tag != Tag::object) return {};
  switch (name_of(tree_, node.first)) {
    case Name::masked_array:
      return masked(id);
    case Name::masked_reconstruct:
      return masked_state(id);
    default:
      return plain(id);
  }
}

// All that are not masked.
Recognised Recogniser::plain(Id id) {
  std::vector<Id> arguments;
  if (!call(id, arguments)) return {};
  const pickle::Extra* extra = tree_.extra_of(id);
  std::string subclass;
  const Name name = name_of(tree_, tree_[id].first, &subclass);
  switch (name) {
    case Name::reconstruct:
      if (arguments.size() != 3) return {};
      if (name_of(tree_, arguments[0], &subclass) != Name::ndarray) return {};
      return from_state(id, subclass);
    case Name::ndarray:
      return from_state(id, subclass);
    case Name::reshape:
    case Name::from_buffer:
    case Name::scalar:
      break;
    default:
      return {};
  }
  if (extra) return damaged("The array was changed after it was made.");
  if (name == Name::reshape) return from_string(arguments);
  return name == Name::scalar ? scalar(arguments) : from_buffer(arguments);
}

Recognised Recogniser::contiguous(const Dtype& dtype, const Shape& extents, bool fortran,
                                  Id data) {
  Recognised r;
  Array& a = r.array;
  Bytes bytes;
  if (!this->bytes(data, bytes)) return damaged("The array's data are no bytes.");
  if (!dtype.subshape.empty()) return damaged("The array's dtype is a sub-array.");
  std::uint64_t size = 0;
  if (!contiguous_strides(extents, dtype.itemsize, fortran, a.strides, size) ||
      size != bytes.size) {
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

// ([version,] shape, dtype, is Fortran, data): what numpy.ndarray.__setstate__ takes.
Recognised Recogniser::from_state(Id id, std::string subclass) {
  const pickle::Extra* extra = tree_.extra_of(id);
  if (!extra || extra->state == kNoId) return {};
  if (extra->items != kNoId || extra->dict_items != kNoId) {
    return damaged("The array was changed after it was made.");
  }
  const Id state = extra->state;
  const std::uint64_t n = tree_[state].size;
  if (tree_[state].tag != Tag::tuple || (n != 4 && n != 5)) {
    return damaged("The array's state is not NumPy's.");
  }
  std::vector<Id> s;
  for (Id item : tree_.items(state)) s.push_back(item);
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
  if (!shape(s[0], extents)) return damaged("The array's shape is none.");
  if (!this->dtype(s[1], dtype)) return damaged("The array's dtype is not known.");
  if (order.tag != Tag::boolean && order.tag != Tag::integer) {
    return damaged("The array's order is none.");
  }
  const bool fortran = order.tag == Tag::boolean ? order.flag : order.integer != 0;
  if (dtype.kind != Kind::object && has_objects(dtype)) return {};
  Recognised r = dtype.kind == Kind::object ? objects(extents, s[3])
                                            : contiguous(dtype, extents, fortran, s[3]);
  r.array.subclass = std::move(subclass);
  return r;
}

// reshape(fromstring(data, dtype), shape)
Recognised Recogniser::from_string(const std::vector<Id>& arguments) {
  if (arguments.size() != 2) return {};
  const Id made = arguments[0];
  std::vector<Id> inner;
  if (!call(made, inner) || tree_.extra_of(made) || inner.size() != 2) return {};
  if (name_of(tree_, tree_[made].first) != Name::from_string) return {};
  Shape extents;
  Dtype dtype;
  if (!shape(arguments[1], extents)) return damaged("The array's shape is none.");
  const bool known = tree_[inner[1]].tag == Tag::text
                         ? parse_dtype(tree_.text_of(inner[1]), dtype)
                         : this->dtype(inner[1], dtype);
  if (!known) return damaged("The array's dtype is not known.");
  if (has_objects(dtype)) return damaged("An array of objects cannot be made of bytes.");
  return contiguous(dtype, extents, false, inner[0]);
}

// (buffer, dtype, shape, order[, axis order]); the last since NumPy 2.3: the shape is
// that of the buffer in C order, the array its transpose.
Recognised Recogniser::from_buffer(const std::vector<Id>& arguments) {
  const std::uint64_t n = arguments.size();
  if (n != 4 && n != 5) return {};
  Shape extents, axes;
  Dtype dtype;
  const bool fortran = tree_.is_text(arguments[3], "F");
  const bool turned = n == 5 && tree_.is_text(arguments[3], "K");
  if (!fortran && !turned && !tree_.is_text(arguments[3], "C")) {
    return damaged("The array's order is none.");
  }
  if (!this->dtype(arguments[1], dtype))
    return damaged("The array's dtype is not known.");
  if (has_objects(dtype)) return damaged("An array of objects cannot be made of bytes.");
  if (!shape(arguments[2], extents)) return damaged("The array's shape is none.");
  Recognised r = contiguous(dtype, extents, fortran, arguments[0]);
  if (!turned || r.found != Found::array) return r;
  if (!shape(arguments[4], axes) || !is_permutation(axes, extents.size())) {
    return damaged("The order of the array's axes is none.");
  }
  const Strides strides = r.array.strides;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    r.array.shape[i] = extents[axes[i]];
    r.array.strides[i] = strides[axes[i]];
  }
  return r;
}

Recognised Recogniser::scalar(const std::vector<Id>& arguments) {
  Dtype dtype;
  if (arguments.size() != 2) return {};
  if (!this->dtype(arguments[0], dtype))
    return damaged("The scalar's dtype is not known.");
  if (has_objects(dtype)) return {};
  Recognised r = contiguous(dtype, Shape(), false, arguments[1]);
  if (r.found == Found::array) r.found = Found::scalar;
  return r;
}

// MaskedArray(data, mask[, ...])
Recognised Recogniser::masked(Id id) {
  std::vector<Id> arguments;
  if (!call(id, arguments) || arguments.size() < 2 || tree_.extra_of(id)) return {};
  Recognised r = plain(arguments[0]);
  if (r.found == Found::damaged) return r;
  if (r.found != Found::array) return {};
  r.array.masked = true;
  const Node& flag = tree_[arguments[1]];
  if (flag.tag == Tag::boolean && !flag.flag) return r;
  const Recognised mask = plain(arguments[1]);
  if (mask.found == Found::damaged) return mask;
  if (mask.found == Found::nothing) return {};
  const Array& m = mask.array;
  if (mask.found == Found::scalar && m.dtype.kind == Kind::boolean && *m.data == 0) {
    return r;  // numpy.ma.nomask
  }
  // The mask of a structured array has a bool for each of its fields.
  const bool booleans = m.dtype.kind == Kind::boolean || m.dtype.kind == Kind::structured;
  if (!booleans || m.shape != r.array.shape ||
      m.dtype.itemsize != mask_itemsize(r.array.dtype)) {
    return damaged("The mask does not fit the masked array.");
  }
  r.array.mask = m.data;
  r.array.mask_strides = m.strides;
  return r;
}

// _mareconstruct(MaskedArray, ndarray, ...), and a state with mask and fill value behind
// the data.
Recognised Recogniser::masked_state(Id id) {
  std::vector<Id> arguments;
  if (!call(id, arguments) || arguments.size() != 4) return {};
  if (name_of(tree_, arguments[0]) != Name::masked_array) return {};
  std::string subclass;
  if (name_of(tree_, arguments[1], &subclass) != Name::ndarray) return {};
  const pickle::Extra* extra = tree_.extra_of(id);
  if (!extra || extra->state == kNoId) return {};
  const Id state = extra->state;
  if (tree_[state].tag != Tag::tuple || tree_[state].size != 7 || extra->items != kNoId ||
      extra->dict_items != kNoId) {
    return damaged("The masked array's state is not NumPy's.");
  }
  std::vector<Id> s;
  for (Id item : tree_.items(state)) s.push_back(item);
  Shape extents;
  Dtype dtype;
  const Node& order = tree_[s[3]];
  if (!shape(s[1], extents)) return damaged("The array's shape is none.");
  if (!this->dtype(s[2], dtype)) return damaged("The array's dtype is not known.");
  if (order.tag != Tag::boolean) return damaged("The array's order is none.");
  if (dtype.kind != Kind::object && has_objects(dtype)) return {};
  Recognised r = dtype.kind == Kind::object
                     ? objects(extents, s[4])
                     : contiguous(dtype, extents, order.flag, s[4]);
  if (r.found != Found::array) return r;
  Array& a = r.array;
  a.subclass = subclass;
  a.masked = true;
  Bytes mask;
  std::uint64_t size = 0;
  if (!this->bytes(s[5], mask) ||
      !contiguous_strides(extents, mask_itemsize(dtype), order.flag, a.mask_strides,
                          size) ||
      size != mask.size) {
    return damaged("The mask does not fit the masked array.");
  }
  a.mask = mask.data;
  return r;
}

}  // namespace mmappickle::numpy
