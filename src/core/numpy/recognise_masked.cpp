// numpy.ma's arrays: by call (the Python library's form, and the portable one), by state.
#include "names.h"
#include "recognise.h"

namespace mmappickle::numpy {

using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

// MaskedArray(data, mask[, ...])
Recognised Recogniser::masked(const Call& call) {
  if (call.count() < 2) return {};
  Recognised r = plain(call[0]);
  if (r.found == Found::damaged) return r;
  if (r.found != Found::array) return {};
  r.array.masked = true;
  constexpr std::size_t kWithFill = 7;  // the last of so many arguments
  if (call.count() == kWithFill) r.array.fill = call[kWithFill - 1];
  const Node& flag = tree_[call[1]];
  if (flag.tag == Tag::boolean && !flag.flag) return r;
  const Recognised mask = plain(call[1]);
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

// True for numpy.ndarray(...), whatever its shape.
bool Recogniser::is_new_array(Id id) const {
  std::string subclass;
  const Global name = global_of(tree_, Call(tree_, id).callable(), &subclass);
  return name == Global::ndarray && subclass.empty();
}

// _mareconstruct(MaskedArray, ndarray, ...) or MaskedArray(numpy.ndarray(...), the same),
// and a state with mask and fill value behind the data.
Recognised Recogniser::masked_state(const Call& call) {
  if (!call.is_positional()) return {};
  std::string subclass;
  if (global_of(tree_, call.callable()) == Global::masked_array) {
    if (call.count() != 2 || !is_new_array(call[0]) || !is_new_array(call[1])) return {};
  } else if (call.count() != 4 || global_of(tree_, call[0]) != Global::masked_array ||
             global_of(tree_, call[1], &subclass) != Global::ndarray) {
    return {};
  }
  const pickle::Extra& after = call.after();
  if (after.state == kNoId) return {};
  const Id state = after.state;
  if (tree_[state].tag != Tag::tuple || tree_[state].size != 7 || after.items != kNoId ||
      after.dict_items != kNoId) {
    return damaged("The masked array's state is not NumPy's.");
  }
  const std::vector<Id> s = items_of(tree_, state);
  Shape extents;
  Dtype dtype;
  const Node& order = tree_[s[3]];
  if (!shape(s[1], extents)) return damaged("The array's shape is not a tuple of sizes.");
  if (!this->dtype(s[2], dtype)) return without_dtype(s[2]);
  if (order.tag != Tag::boolean)
    return damaged("The array's order is neither C's nor Fortran's.");
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
  a.fill = s[6];
  return r;
}

}  // namespace mmappickle::numpy
