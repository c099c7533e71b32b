// For the tests of store/: recipes to put, and what a file holds as text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../../src/core/store/store.h"
#include "owned_source.h"
#include "pickle_testing.h"
#include "scratch.h"

namespace mmappickle::store {

using pickle::raw;
using test::contents;
using test::error_of;
using test::Scratch;

inline numpy::Recipe integer_recipe(std::int64_t value) {
  numpy::Recipe recipe;
  recipe.value = recipe.tree.integer(value);
  return recipe;
}

inline numpy::Recipe text_recipe(const std::string& text) {
  numpy::Recipe recipe;
  recipe.value = recipe.tree.text(recipe.tree.keep(text));
  return recipe;
}

inline numpy::Recipe array_recipe(const std::string& dtype, numpy::Shape shape,
                                  std::shared_ptr<const Source> data,
                                  std::shared_ptr<const Source> mask = nullptr,
                                  bool fortran = false) {
  numpy::Recipe recipe;
  numpy::NewArray array;
  numpy::parse_dtype(dtype, array.dtype);
  array.shape = std::move(shape);
  array.data = std::move(data);
  array.mask = std::move(mask);
  array.fortran = fortran;
  recipe.arrays.push_back(std::move(array));
  recipe.value = recipe.tree.array(0);
  return recipe;
}

inline std::shared_ptr<const Source> bytes_source(const std::string& bytes) {
  return owned_source(Bytes(bytes));
}

inline std::shared_ptr<const Source> doubles(const std::vector<double>& values) {
  return owned_source(Bytes(reinterpret_cast<const std::uint8_t*>(values.data()),
                            values.size() * sizeof(double)));
}

inline numpy::Recipe doubles_recipe(const std::vector<double>& values) {
  return array_recipe("float64", {values.size()}, doubles(values));
}

// {"x": array}
inline numpy::Recipe nested_recipe(const std::vector<double>& values) {
  numpy::Recipe recipe = doubles_recipe(values);
  recipe.value =
      recipe.tree.container(pickle::Tag::dict, {recipe.tree.text("x"), recipe.value});
  return recipe;
}

// The notation of corpus_files.py.
inline std::string array_text(const numpy::Array& array) {
  std::string text = "A" + numpy::code(array.dtype) + "(";
  for (std::size_t i = 0; i < array.shape.size(); ++i) {
    text += (i > 0 ? "," : "") + std::to_string(array.shape[i]);
  }
  text += ")";
  numpy::Shape at(array.shape.size(), 0);
  for (std::uint64_t i = 0; i < array.count(); ++i) {
    const std::uint8_t* element = array.data;
    for (std::size_t d = 0; d < at.size(); ++d) {
      element += static_cast<std::int64_t>(at[d]) * array.strides[d];
    }
    text += pickle::hex_of(Bytes(element, array.dtype.itemsize));
    for (std::size_t d = at.size(); d-- > 0;) {
      if (++at[d] < array.shape[d]) break;
      at[d] = 0;
    }
  }
  return text;
}

inline std::string value_text(const Loaded& loaded) {
  if (loaded.is_array && loaded.array.objects == pickle::kNoId) {
    return array_text(loaded.array);
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

inline void put(Store& store, const std::string& key, const numpy::Recipe& recipe) {
  Writing(store).put(key, recipe);
}
inline void put(Store& store, const std::string& key, std::int64_t value) {
  put(store, key, integer_recipe(value));
}
inline void erase(Store& store, const std::string& key) { Writing(store).erase(key); }

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
