// Sparse arrays: filled in, as far as what the file says in few bytes stays within
// bounds.
#include <algorithm>
#include <cstring>

#include "../numpy/kernels.h"
#include "pandas.h"

namespace mmappickle::pandas {

using numpy::Array;
using pickle::Tag;

namespace {

bool decoded(const Array& array, std::vector<std::int64_t>& values) {
  if (array.dtype.kind != numpy::Kind::integer || array.shape.size() != 1) return false;
  values.resize(static_cast<std::size_t>(array.shape[0]));
  bool inexact = false;
  numpy::decoder(array.dtype, numpy::RType::integer64)(
      array.dtype, array.data, array.strides[0], values.size(), values.data(), &inexact);
  return true;
}

}  // namespace

// IntIndex(length, positions) or BlockIndex(length, starts, lengths): where the `count`
// values that are there stand, in order.
bool SparseReader::places_of(Id index, std::uint64_t count, std::uint64_t& length,
                             std::vector<std::uint64_t>& places) const {
  const Call made(from_.tree, index);
  std::int64_t whole = 0;
  Array array;
  std::vector<std::int64_t> starts, lengths;
  if (!made.untouched() || !made.integer(0, whole) || whole < 0 ||
      !from_.array_of(made[1], array) || !decoded(array, starts)) {
    return false;
  }
  switch (global_of(from_.tree, made.callable())) {
    case Global::sparse_indices:
      lengths.assign(starts.size(), 1);
      break;
    case Global::sparse_blocks:
      if (!from_.array_of(made[2], array) || !decoded(array, lengths)) return false;
      break;
    default:
      return false;
  }
  if (lengths.size() != starts.size()) return false;
  std::int64_t from = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (starts[i] < from || lengths[i] < 0 || starts[i] > whole ||
        lengths[i] > whole - starts[i] ||
        static_cast<std::uint64_t>(lengths[i]) > count - places.size()) {
      return false;
    }
    for (std::int64_t at = 0; at < lengths[i]; ++at) {
      places.push_back(static_cast<std::uint64_t>(starts[i] + at));
    }
    from = starts[i] + lengths[i];
  }
  length = static_cast<std::uint64_t>(whole);
  return places.size() == count;
}

// The bytes of a fill value as an item of the dtype. False if it is none.
bool SparseReader::fill_of(Id fill, const numpy::Dtype& dtype, std::string& item) const {
  item.assign(static_cast<std::size_t>(dtype.itemsize), '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(&item[0]);
  const pickle::Node& node = from_.tree[fill];
  if (node.tag == Tag::object) {
    const numpy::Recognised scalar = from_.numpy.recognise(fill);
    if (scalar.found != numpy::Found::scalar || !(scalar.array.dtype == dtype)) {
      return false;
    }
    std::memcpy(to, scalar.array.data, item.size());
    return true;
  }
  numpy::RValues value;
  const std::int32_t flag = node.flag;
  value.count = 1;
  switch (node.tag) {
    case Tag::boolean:
      value.type = numpy::RType::logical;
      value.data = &flag;
      break;
    case Tag::integer:
      value.type = numpy::RType::integer64;
      value.data = &node.integer;
      break;
    case Tag::real:
      value.type = numpy::RType::real;
      value.data = &node.real;
      break;
    default:
      return false;
  }
  if (check_fit(dtype, value, false).cast_error != numpy::CastError::none) return false;
  encode(dtype, value, nullptr, 0, 1, to, nullptr);
  return true;
}

// What is filled in is paid for by an allowance of its own.
void SparseReader::pay_filled(std::uint64_t length, std::uint64_t itemsize) {
  filled_left_ -= length * itemsize;
  from_.budget.add(kCost + length);
}

// SparseArray: {_sparse_index, _sparse_values, _dtype: SparseDtype {_fill_value}}
bool SparseReader::read(Id state, Object& value) {
  pickle::Tree& tree = from_.tree;
  Array values;
  const Id dtype = member(tree, state, "_dtype");
  if (dtype == kNoId ||
      global_of(tree, Call(tree, dtype).instance_of()) != Global::sparse_dtype ||
      !from_.array_of(member(tree, state, "_sparse_values"), values) ||
      values.shape.size() != 1) {
    return false;
  }
  const Id fill = member(tree, Call(tree, dtype).state(), "_fill_value");
  const std::uint64_t count = values.shape[0];
  std::uint64_t length = 0;
  std::vector<std::uint64_t> places;
  if (fill == kNoId || !from_.budget.charge(count) ||
      !places_of(member(tree, state, "_sparse_index"), count, length, places)) {
    return false;
  }
  const bool objects = values.objects != kNoId;
  const std::uint64_t itemsize = objects ? sizeof(Id) : values.dtype.itemsize;
  if (itemsize == 0 || length > filled_left_ / itemsize) return false;
  value.kind = Type::vector;
  value.array.dtype = values.dtype;
  value.array.shape = {length};
  value.array.strides = {static_cast<std::int64_t>(itemsize)};
  if (objects) {
    std::vector<Id> items(static_cast<std::size_t>(length), fill);
    std::size_t i = 0;
    for (const Id item : tree.items(values.objects)) {
      items[static_cast<std::size_t>(places[i++])] = item;
    }
    pay_filled(length, itemsize);
    value.array.strides = {1};
    value.array.objects = tree.container(Tag::list, items);
    return true;
  }
  std::string item;
  if (values.dtype.kind == numpy::Kind::structured ||
      !fill_of(fill, values.dtype, item)) {
    return false;
  }
  pay_filled(length, itemsize);
  std::string bytes(static_cast<std::size_t>(length * itemsize), '\0');
  if (!bytes.empty()) std::memcpy(&bytes[0], item.data(), item.size());
  for (std::size_t done = item.size(); done < bytes.size();) {
    const std::size_t n = std::min(done, bytes.size() - done);
    std::memcpy(&bytes[done], bytes.data(), n);
    done += n;
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::memcpy(&bytes[static_cast<std::size_t>(places[i] * itemsize)],
                values.data + static_cast<std::int64_t>(i) * values.strides[0],
                static_cast<std::size_t>(itemsize));
  }
  value.array.data = tree.keep(std::move(bytes)).data;
  return true;
}

}  // namespace mmappickle::pandas
