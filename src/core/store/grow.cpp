#include "grow.h"

#include <algorithm>

#include "../numpy/recognise.h"
#include "../numpy/slice.h"
#include "../os/file_source.h"
#include "../pickle/reader.h"
#include "rewrite.h"

namespace mmappickle::store {

namespace {

constexpr std::uint64_t kMostRows = INT32_MAX;

std::uint64_t row_size(const numpy::Array& array) {
  numpy::Strides strides;
  std::uint64_t size = 0;
  const numpy::Shape row(array.shape.begin() + 1, array.shape.end());
  if (!numpy::contiguous_strides(row, array.dtype.itemsize, false, strides, size)) {
    throw Error(ErrorKind::limit, "the rows of the array are too large");
  }
  return size;
}

// Data and mask as they are to stand in the file.
bool in_c_order(const numpy::Array& array) {
  if (!array.c_order() || !array.masked) return array.c_order();
  numpy::Strides strides;
  std::uint64_t size = 0;
  return array.mask != nullptr &&
         numpy::contiguous_strides(array.shape, mask_itemsize(array.dtype), false,
                                   strides, size) &&
         array.mask_strides == strides;
}

// A fill value as it is written: an array of rank 0, or what is a plain value.
pickle::Id fill_of(pickle::Id fill, const numpy::SourceOf& source_of,
                   numpy::StoredValue& stored_value) {
  using pickle::Tag;
  pickle::Tree& tree = stored_value.tree;
  if (fill == pickle::kNoId || tree[fill].tag == Tag::none) return pickle::kNoId;
  const numpy::Recognised found = numpy::recognise(tree, fill);
  const numpy::Array& array = found.array;
  const bool is_array =
      found.found == numpy::Found::array || found.found == numpy::Found::scalar;
  if (is_array && array.shape.empty() && array.dtype.whole && !array.masked &&
      array.dtype.kind != numpy::Kind::object) {
    stored_value.arrays.push_back(portable_array(array, source_of));
    return tree.array(stored_value.arrays.size() - 1);
  }
  if (tree[fill].tag >= Tag::boolean && tree[fill].tag <= Tag::bytes) return fill;
  throw Error(ErrorKind::value, "the array's fill value is of a kind that cannot be kept",
              "Store the array anew, without it, and append then.");
}

// That of a masked array, of which a stored value that came from R does not tell.
pickle::Id copy_fill(Loaded& loaded, numpy::StoredValue& stored_value) {
  numpy::Array array;
  if (!find_array(loaded, array) || array.fill == pickle::kNoId) return pickle::kNoId;
  const numpy::Recognised found = numpy::recognise(loaded.tree, array.fill);
  if (found.found != numpy::Found::array) return pickle::kNoId;
  numpy::NewArray fill;
  fill.dtype = found.array.dtype;
  fill.data = copy_source(found.array, false);
  stored_value.arrays.push_back(std::move(fill));
  return stored_value.tree.array(stored_value.arrays.size() - 1);
}

// The entry as a value: the head of an array entry does not tell the fill value.
void read_as_value(Bytes entry, const Frame& frame, Loaded& loaded) {
  loaded.tree = pickle::Tree();
  const pickle::EntryValue value = pickle::read_entry(
      loaded.tree, entry.slice(kFrameHead, frame.body_size()), frame.body());
  loaded.is_array = false;
  loaded.value = value.value;
  loaded.metadata = value.metadata;
}

}  // namespace

bool find_array(Loaded& loaded, numpy::Array& array) {
  if (loaded.is_array) {
    array = loaded.array;
    return true;
  }
  if (loaded.value == pickle::kNoId) return false;
  numpy::Recognised found = numpy::recognise(loaded.tree, loaded.value);
  if (found.found != numpy::Found::array || found.array.objects != pickle::kNoId) {
    return false;
  }
  array = std::move(found.array);
  return true;
}

std::uint64_t room_of(Loaded& loaded) {
  numpy::Array array;
  if (!find_array(loaded, array)) return 0;
  return loaded.growth.capacity - row_size(array) * loaded.growth.length;
}

std::uint64_t rows_of_room(Loaded& loaded) {
  numpy::Array array;
  if (!find_array(loaded, array)) return 0;
  return loaded.growth.most_rows(array.dtype, array.shape) - loaded.growth.length;
}

void make_growing(Loaded& loaded, const numpy::SourceOf& source_of, std::uint64_t rows,
                  numpy::StoredValue& stored_value) {
  numpy::Array array;
  find_array(loaded, array);
  numpy::NewArray made;
  if (in_c_order(array)) {
    made = portable_array(array, source_of);
  } else {
    made.dtype = array.dtype;
    made.shape = array.shape;
    made.data = copy_source(array, false);
    if (array.masked) made.mask = copy_source(array, false, true);
  }
  made.grows = true;
  made.room = rows;
  stored_value.tree = std::move(loaded.tree);
  stored_value.metadata = loaded.metadata;
  made.fill = fill_of(array.fill, source_of, stored_value);
  stored_value.arrays.push_back(std::move(made));
  stored_value.value = stored_value.tree.array(stored_value.arrays.size() - 1);
}

std::uint64_t generous_room(std::uint64_t rows, std::uint64_t row_size) {
  constexpr std::uint64_t kLeast = 4096;  // bytes
  const std::uint64_t least = row_size == 0 ? 0 : kLeast / row_size;
  return std::min(std::max(rows / 2, least), rows < kMostRows ? kMostRows - rows : 0);
}

bool has_room(const Loaded& loaded, const numpy::Array& array, std::uint64_t rows) {
  const numpy::Growth& growth = loaded.growth;
  return growth.grows && growth.is_atomic() &&
         growth.most_rows(array.dtype, array.shape) - growth.length >= rows;
}

Index::Slot make_room(Writing& writing, std::string_view key, std::uint64_t rows,
                      const std::function<bool(const Range&)>& in_use) {
  const Index::Slot slot = writing.require(key);
  Loaded loaded = writing.load(slot);
  numpy::Array array;
  if (!find_array(loaded, array) || array.shape.empty() || !array.dtype.whole) {
    throw Error(ErrorKind::value, "the value is no array that can grow");
  }
  const std::uint64_t length = array.shape[0];
  if (rows > kMostRows || length > kMostRows - rows) {
    throw Error(ErrorKind::limit, "a growing array has less than 2^31 rows",
                "Begin another one, under another key.");
  }
  if (has_room(loaded, array, rows)) return slot;
  if (!loaded.mapping) {
    throw Error(ErrorKind::io, "the array cannot be mapped, which copying it needs");
  }
  const std::shared_ptr<os::Mapping> mapping = loaded.mapping;
  const Frame frame = loaded.frame;
  const Bytes entry(mapping->at(frame.at), frame.length);
  const numpy::SourceOf source_of = mapped_in(&writing.file(), entry, frame.at);
  if (loaded.is_array && array.masked) read_as_value(entry, frame, loaded);
  numpy::StoredValue stored_value;
  const std::uint64_t row = row_size(array);
  make_growing(loaded, source_of, rows + generous_room(length + rows, row), stored_value);
  writing.put(key, stored_value);
  writing.empty_dead(key, in_use);
  return writing.require(key);
}

void keep_growing(const Writing& writing, std::string_view key,
                  numpy::StoredValue& stored_value) {
  const Index::Slot slot = writing.index().find(key);
  const pickle::Node& root = stored_value.tree[stored_value.value];
  if (slot == Index::kNone || root.tag != pickle::Tag::array) return;
  const auto place = static_cast<std::size_t>(root.integer);
  Loaded loaded = writing.load(slot);
  if (!loaded.growth.grows || stored_value.arrays[place].fortran ||
      stored_value.arrays[place].shape.empty()) {
    return;
  }
  pickle::Id fill = stored_value.arrays[place].fill;
  if (stored_value.arrays[place].mask && fill == pickle::kNoId) {
    fill = copy_fill(loaded, stored_value);
  }
  numpy::NewArray& array = stored_value.arrays[place];
  array.fill = fill;
  array.grows = true;
  array.room = rows_of_room(loaded);
}

}  // namespace mmappickle::store
