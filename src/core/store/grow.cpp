#include "grow.h"

#include <algorithm>

#include "../numpy/recognise.h"
#include "../numpy/slice.h"
#include "../os/file_source.h"
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
  stored_value.arrays.push_back(std::move(made));
  stored_value.value = stored_value.tree.array(0);
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

Index::Slot make_room(Writing& writing, std::string_view key, std::uint64_t rows) {
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
  const numpy::SourceOf source_of =
      mapped_in(&writing.file(), Bytes(mapping->at(frame.at), frame.length), frame.at);
  numpy::StoredValue stored_value;
  const std::uint64_t row = row_size(array);
  make_growing(loaded, source_of, rows + generous_room(length + rows, row), stored_value);
  writing.put(key, stored_value);
  return writing.require(key);
}

void keep_growing(const Writing& writing, std::string_view key,
                  numpy::StoredValue& stored_value) {
  const Index::Slot slot = writing.index().find(key);
  const pickle::Node& root = stored_value.tree[stored_value.value];
  if (slot == Index::kNone || root.tag != pickle::Tag::array) return;
  numpy::NewArray& array = stored_value.arrays[static_cast<std::size_t>(root.integer)];
  Loaded loaded = writing.load(slot);
  if (!loaded.growth.grows || array.fortran || array.shape.empty() ||
      array.fill != pickle::kNoId) {
    return;
  }
  array.grows = true;
  array.room = rows_of_room(loaded);
}

}  // namespace mmappickle::store
