// For the tests of store/: values to put, and what a file holds as text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../../src/core/numpy/recognise.h"
#include "../../src/core/store/grow.h"
#include "../../src/core/store/store.h"
#include "owned_source.h"
#include "pickle_testing.h"
#include "scratch.h"

namespace mmappickle::store {

using pickle::raw;
using test::contents;
using test::error_of;
using test::Scratch;

inline numpy::StoredValue integer_value(std::int64_t value) {
  numpy::StoredValue stored_value;
  stored_value.value = stored_value.tree.integer(value);
  return stored_value;
}

inline numpy::StoredValue text_value(const std::string& text) {
  numpy::StoredValue stored_value;
  stored_value.value = stored_value.tree.text(stored_value.tree.keep(text));
  return stored_value;
}

inline numpy::StoredValue array_value(const std::string& dtype, numpy::Shape shape,
                                      std::shared_ptr<const Source> data,
                                      std::shared_ptr<const Source> mask = nullptr,
                                      bool fortran = false) {
  numpy::StoredValue stored_value;
  numpy::NewArray array;
  numpy::parse_dtype(dtype, array.dtype);
  array.shape = std::move(shape);
  array.data = std::move(data);
  array.mask = std::move(mask);
  array.fortran = fortran;
  stored_value.arrays.push_back(std::move(array));
  stored_value.value = stored_value.tree.array(0);
  return stored_value;
}

inline std::shared_ptr<const Source> bytes_source(const std::string& bytes) {
  return owned_source(Bytes(bytes));
}

inline std::shared_ptr<const Source> doubles(const std::vector<double>& values) {
  return owned_source(Bytes(reinterpret_cast<const std::uint8_t*>(values.data()),
                            values.size() * sizeof(double)));
}

inline numpy::StoredValue doubles_value(const std::vector<double>& values) {
  return array_value("float64", {values.size()}, doubles(values));
}

// {"x": array}
inline numpy::StoredValue nested_value(const std::vector<double>& values) {
  numpy::StoredValue stored_value = doubles_value(values);
  stored_value.value = stored_value.tree.container(
      pickle::Tag::dict, {stored_value.tree.text("x"), stored_value.value});
  return stored_value;
}

// The elements, in C order.
inline std::string array_bytes(const numpy::Array& array) {
  const std::uint64_t count = array.count(), size = array.dtype.itemsize;
  if (array.c_order()) {
    return std::string(reinterpret_cast<const char*>(array.data), count * size);
  }
  std::string bytes;
  bytes.reserve(count * size);
  numpy::Shape at(array.shape.size(), 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint8_t* element = array.data;
    for (std::size_t d = 0; d < at.size(); ++d) {
      element += static_cast<std::int64_t>(at[d]) * array.strides[d];
    }
    bytes.append(reinterpret_cast<const char*>(element), size);
    for (std::size_t d = at.size(); d-- > 0;) {
      if (++at[d] < array.shape[d]) break;
      at[d] = 0;
    }
  }
  return bytes;
}

// The notation of corpus_files.py.
inline std::string array_text(const numpy::Array& array) {
  std::string text = "A" + numpy::code(array.dtype) + "(";
  for (std::size_t i = 0; i < array.shape.size(); ++i) {
    text += (i > 0 ? "," : "") + std::to_string(array.shape[i]);
  }
  text += ")";
  const std::string bytes = array_bytes(array);
  return text + pickle::hex_of(Bytes(std::string_view(bytes)));
}

// Of a value that is numpy.array(...), or a masked array of such: without its room, and
// with the fill value that it has.
inline std::string growing_text(pickle::Tree& tree, pickle::Id value) {
  const numpy::Recognised found = numpy::recognise(tree, value);
  if (found.found != numpy::Found::array) return {};
  const numpy::Array& array = found.array;
  if (!array.masked) return array_text(array);
  std::string mask;
  const std::uint64_t count = array.count();
  for (std::uint64_t i = 0; i < count; ++i) mask += array.mask[i] ? '1' : '0';
  std::string fill;
  if (array.fill != pickle::kNoId) {
    const numpy::Recognised own = numpy::recognise(tree, array.fill);
    const bool is_array = own.found == numpy::Found::array;
    fill = "?" + (is_array ? array_text(own.array) : pickle::Dump(tree)(array.fill));
  }
  return array_text(array) + "|" + mask + fill;
}

inline std::string value_text(const Loaded& loaded) {
  if (loaded.is_array && loaded.array.objects == pickle::kNoId) {
    return array_text(loaded.array);
  }
  if (loaded.growth.grows) {
    return growing_text(const_cast<pickle::Tree&>(loaded.tree), loaded.value);
  }
  return pickle::Dump(loaded.tree)(loaded.value);
}

// The key's value as text; "error: <kind>" if it cannot be read, "absent" if it is not
// there.
inline std::string value_of(const Reading& reading, const std::string& key) {
  const Index::Slot slot = reading.index().find(key);
  if (slot == Index::kNone) return "absent";
  try {
    return value_text(reading.load(slot));
  } catch (const Error& error) {
    return std::string("error: ") + name(error.kind);
  }
}

inline Options readonly_options() {
  Options options;
  options.readonly = true;
  options.create = false;
  return options;
}

using Values = std::map<std::string, std::string>;

inline Values values_of(Store& store) {
  const Reading reading(store);
  Values values;
  for (const Index::Slot slot : reading.index().live()) {
    const std::string key(reading.index().key(slot));
    values[key] = value_of(reading, key);
  }
  return values;
}

// Opened anew.
inline Values values_of(const std::string& path) {
  return values_of(*Store::open(path, readonly_options()));
}

inline std::vector<std::string> keys_of(Store& store) {
  const Reading reading(store);
  std::vector<std::string> keys;
  for (const Index::Slot slot : reading.index().live()) {
    keys.emplace_back(reading.index().key(slot));
  }
  return keys;
}

inline void put(Store& store, const std::string& key,
                const numpy::StoredValue& stored_value) {
  Writing(store).put(key, stored_value);
}
inline void put(Store& store, const std::string& key, std::int64_t value) {
  put(store, key, integer_value(value));
}
inline void overwrite(Writing& writing, std::uint64_t at, Bytes bytes) {
  const Run run{at, bytes.size};
  writing.overwrite({&run, 1, bytes.data});
}
inline void erase(Store& store, const std::string& key) { Writing(store).erase(key); }

// Rows of `row` bytes each, all of them `item`, of dtype "S", that grow; `masked` with a
// mask. No room at first.
inline numpy::StoredValue growing_value(std::uint64_t row, std::uint64_t rows, char item,
                                        bool masked = false, std::uint64_t room = 0) {
  numpy::StoredValue stored_value = array_value(
      "S" + std::to_string(row), {rows}, bytes_source(std::string(row * rows, item)),
      masked ? bytes_source(std::string(rows, '\1')) : nullptr);
  stored_value.arrays[0].grows = true;
  stored_value.arrays[0].room = room;
  return stored_value;
}

// Gives a fill value to an array of such: items of that.
inline void give_fill(numpy::StoredValue& stored_value, char item) {
  numpy::NewArray fill;
  fill.dtype = stored_value.arrays[0].dtype;
  fill.data = bytes_source(std::string(fill.dtype.itemsize, item));
  stored_value.arrays.push_back(fill);
  stored_value.arrays[0].fill = stored_value.tree.array(stored_value.arrays.size() - 1);
}

// Appends to that: rows of `item`, none of them masked.
inline void append(Store& store, const std::string& key, std::uint64_t rows, char item) {
  Writing writing(store);
  Loaded loaded = writing.load(make_room(writing, key, rows));
  numpy::Array array;
  find_array(loaded, array);
  const numpy::Growth& growth = loaded.growth;
  if (!growth.grows) throw Error(ErrorKind::value, "it does not grow");
  const std::uint64_t row = array.dtype.itemsize;
  overwrite(writing, growth.data_at + growth.length * row,
            Bytes(std::string(rows * row, item)));
  if (growth.mask_at != 0) {
    overwrite(writing, growth.mask_at + growth.length, Bytes(std::string(rows, '\0')));
  }
  writing.set_length(key, growth, growth.length + rows);
}

// The first makes it, the second finds no room for a row, the third finds some.
inline void append_to(Store& store, const std::string& key, int step, bool masked) {
  const char item = static_cast<char>('p' + step);
  if (Reading(store).index().find(key) != Index::kNone)
    return append(store, key, 1, item);
  numpy::StoredValue first = growing_value(1000, 2, item, masked);
  if (masked) give_fill(first, 'f');
  put(store, key, first);
}

// An entry of bytes, dead or live; `value` are its opcodes.
inline std::string entry_bytes(const std::string& key, const std::string& value,
                               bool live = true) {
  const std::string body = "\x8c" + std::string(1, static_cast<char>(key.size())) + key +
                           value + raw("\x4a\0\0\0\0\x30") + (live ? "\x88" : "\x30") +
                           "\x30";
  return "\x95" + pickle::le(body.size(), 8) + body;
}
inline std::string header_bytes() {
  return std::string(empty_file().substr(0, kHeaderSize));
}
inline std::string terminator_bytes() { return std::string(kTerminator); }

}  // namespace mmappickle::store
